"""Customer IDs in addresses: any text, slashes too; whatever stands behind the ID ends the address."""

import re

from django.urls import register_converter

__all__ = ["CustomerConverter"]

MOST = 50
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


class CustomerConverter:
    """`<customer:customer_id>`. What could be no ID, such as one with a control character, is no such address."""

    regex = ".+"

    def to_python(self, text: str) -> str:
        """The ID as it is stored; raises ValueError for what no customer can be called."""
        if len(text) > MOST or _CONTROL.search(text):
            raise ValueError
        return text

    def to_url(self, customer_id: str) -> str:
        return str(customer_id)


register_converter(CustomerConverter, "customer")
