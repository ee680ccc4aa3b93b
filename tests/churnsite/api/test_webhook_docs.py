"""What docs/webhooks.md tells receivers to do fits what is sent."""

import re
import time
from pathlib import Path

from django.conf import settings

from customers import webhooks
from customers.models import Event

TEXT = (Path(settings.BASE_DIR) / "docs" / "webhooks.md").read_text()


def test_the_check_of_the_signature_in_the_guide_accepts_ours_and_nothing_else():
    space: dict[str, object] = {}
    exec(re.search(r"```python\n(.*?)```", TEXT, re.DOTALL)[1], space)
    is_ours, secret, now = space["is_ours"], webhooks.fresh_secret(), int(time.time())
    signature = webhooks.sign(secret, message_id="m", timestamp=now, body=b"{}")
    headers = {"webhook-id": "m", "webhook-timestamp": str(now), "webhook-signature": f"v1,AAAA {signature}"}
    assert is_ours(headers, b"{}", secret)
    assert not is_ours(headers, b"[]", secret)
    assert not is_ours(headers, b"{}", webhooks.fresh_secret())
    assert not is_ours(headers | {"webhook-timestamp": str(now - 301)}, b"{}", secret)


def test_every_kind_of_event_is_in_the_guide():
    assert {kind for kind in Event.Kind.values if f"`{kind}`" not in TEXT} == set()
