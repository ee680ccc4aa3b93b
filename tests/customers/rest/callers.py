"""Clients of the API: a machine with scopes, a person with permissions."""

from django.contrib.auth.models import Permission, User
from rest_framework.test import APIClient

from customers.models import ApiKey
from customers.rest import keys


def machine(*scopes: str, **options) -> APIClient:
    """A client with a key of these scopes; `client.key` is its row."""
    key, text = keys.make(name="CRM", scopes=list(scopes), **options)
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Api-Key {text}")
    client.key = key
    return client


def person(*permissions: str, username: str = "ann") -> APIClient:
    """A client of somebody signed in with these permissions, as `app.codename`; `client.user` is who."""
    user = User.objects.create_user(username)
    for name in permissions:
        app, _dot, codename = name.partition(".")
        user.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
    client = APIClient()
    client.force_authenticate(user)
    client.user = user
    return client


def key_row(client: APIClient) -> ApiKey:
    return ApiKey.objects.get(pk=client.key.pk)
