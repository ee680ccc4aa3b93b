"""Signing in of people: a short access token, a refresh token that changes at each use, and its end.

A person with a second factor sends its code as well.
"""

from typing import Any

from django.contrib.auth import authenticate
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.serializers import TokenRefreshSerializer
from rest_framework_simplejwt.tokens import RefreshToken

from churnsite import second_factor
from customers.rest.counting import ByAddress
from customers.rest.rules import PUBLIC
from customers.rest.strict import Strict
from customers.rest.views import Endpoint

BAD = _("These credentials are not valid.")
BAD_TOKEN = _("This token is not valid, or no longer.")


class Credentials(Strict):
    """Who signs in."""

    username = serializers.CharField(max_length=150)
    password = serializers.CharField(max_length=4096, trim_whitespace=False)
    otp = serializers.CharField(
        max_length=20, required=False, help_text=_("The code of the second factor, for those who have one.")
    )


class Refresh(Strict):
    """A refresh token."""

    refresh = serializers.CharField(max_length=4096)


class Tokens(serializers.Serializer):
    """An access token for some minutes, and a refresh token for the next one."""

    access = serializers.CharField()
    refresh = serializers.CharField()


class SignIn(Endpoint):
    """Sign in and get an access and a refresh token."""

    rules = {"POST": PUBLIC}
    body = {"POST": Credentials}
    answers = {"POST": {200: Tokens}}
    problems = {"POST": (401,)}
    throttle_classes = (ByAddress,)
    is_reading = True

    def post(self, request: Request) -> HttpResponse:
        sent = self.checked(request)
        user = authenticate(request._request, username=sent["username"], password=sent["password"])
        if user is None or not user.is_active or not _second_factor(user, sent.get("otp")):
            raise refused(BAD)
        token: Any = RefreshToken.for_user(user)
        return Response({"access": str(token.access_token), "refresh": str(token)})


class SignOn(Endpoint):
    """Get a new access token for a refresh token, which is exchanged for a new one as well."""

    rules = {"POST": PUBLIC}
    body = {"POST": Refresh}
    answers = {"POST": {200: Tokens}}
    problems = {"POST": (401,)}
    throttle_classes = (ByAddress,)
    is_reading = True

    def post(self, request: Request) -> HttpResponse:
        serializer = TokenRefreshSerializer(data=self.checked(request))
        try:
            serializer.is_valid(raise_exception=True)
        except (TokenError, AuthenticationFailed) as error:
            raise refused(BAD_TOKEN) from error
        return Response(serializer.validated_data)


class SignOut(Endpoint):
    """End a refresh token; the access tokens made with it run out within minutes."""

    rules = {"POST": PUBLIC}
    body = {"POST": Refresh}
    answers = {"POST": {204: None}}
    problems = {"POST": (401,)}
    throttle_classes = (ByAddress,)
    is_reading = True

    def post(self, request: Request) -> HttpResponse:
        try:
            RefreshToken(self.checked(request)["refresh"]).blacklist()
        except TokenError as error:
            raise refused(BAD_TOKEN) from error
        return Response(status=204)


def refused(sentence: Any) -> AuthenticationFailed:
    """Why nobody is signed in."""
    return AuthenticationFailed(sentence)


def _second_factor(user: Any, code: str | None) -> bool:
    """Whether its code is there and right, of those who have one; who has to have one sets it up in the admin first."""
    if not second_factor.has_one(user):
        return not second_factor.is_required(user)
    return bool(code) and second_factor.device_of(user, str(code)) is not None
