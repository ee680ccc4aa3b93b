"""The base of every endpoint: who may call it, what it takes, and that a repeated call does nothing twice."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from customers import audit, visibility
from customers.rest import answers, problems, strict
from customers.rest.keys import Machine
from customers.rest.problems import SENSELESS_CODES, Unprocessable
from customers.rest.rules import MayCall, Rule

__all__ = ["Endpoint"]


class NoParameters(serializers.Serializer):
    """Of an endpoint that takes none."""


class Endpoint(APIView):
    """Subclasses declare by method `rules`, and where there are some, `parameters` and the `body`.

    A handler reads `self.query` (checked parameters) and `self.checked(request)` (the checked body). A POST that has no
    effect, such as a lookup, says so in `is_reading`.
    """

    permission_classes = (MayCall,)
    rules: ClassVar[Mapping[str, Rule]] = {}
    parameters: ClassVar[Mapping[str, type[serializers.Serializer]]] = {}
    body: ClassVar[Mapping[str, type[serializers.Serializer]]] = {}
    is_reading: ClassVar[bool] = False
    query: dict[str, Any]

    @property
    def allowed_methods(self) -> list[str]:
        """What OPTIONS and 405 name."""
        return [method for method in super().allowed_methods if method in {*self.rules, "HEAD"}]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        declared = self.parameters.get(str(request.method), NoParameters)
        self.query = strict.query(request.query_params, declared) if request.query_params else strict.defaults(declared)
        if request.method not in SAFE_METHODS and not self.is_reading:
            self._attribute(str(request.method).lower())

    def _attribute(self, method: str) -> None:
        """Put in the handler's place one whose writes are the caller's and whose answer to a POST is kept with them."""
        handler: Callable[..., HttpResponse] = getattr(self, method)

        def attributed(request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
            user: Any = request.user
            key = user.key if isinstance(user, Machine) else None
            match: Any = self.request.resolver_match
            with audit.acting(user=None if key else user, key=key, via="api", source=match.route):
                if method == "post" and answers.HEADER in request.headers:
                    return answers.once(request, lambda: self._rendered(handler(request, *args, **kwargs)))
                return handler(request, *args, **kwargs)

        vars(self)[method] = attributed

    def _rendered(self, response: Any) -> HttpResponse:
        finished: Any = self.finalize_response(self.request, response)
        return finished.render() if isinstance(finished, Response) else finished

    def checked(self, request: Request, **options: Any) -> Any:
        """The body as its serializer made it."""
        serializer = self.body[str(request.method)](data=request.data, context={"request": request}, **options)
        if not serializer.is_valid():
            codes = {one["code"] for one in problems.errors(serializer.errors)}
            raise Unprocessable(serializer.errors) if codes <= SENSELESS_CODES else ValidationError(serializer.errors)
        return serializer.validated_data

    def visible(self, rows: QuerySet[Any], customer: str = "customer") -> QuerySet[Any]:
        """Rows of the customers that the caller may see; machines see all."""
        user: Any = self.request.user
        return rows if isinstance(user, Machine) else visibility.visible(rows, user, customer)
