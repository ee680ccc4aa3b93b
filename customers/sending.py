"""One POST to an address that somebody typed in: not to this machine or its network, no redirects, bounded in time.

The name is looked up once and the connection goes to the address that was checked, so that a name which points
elsewhere the second time gains nothing (OWASP Server-Side Request Forgery Prevention Cheat Sheet).
"""

import http.client
import ipaddress
import socket
import ssl
from collections.abc import Mapping
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

__all__ = ["SECONDS", "NotSentError", "check", "post"]

SECONDS = 10.0
_MOST_READ = 64 * 1024


class NotSentError(Exception):
    """No answer came; `reason` is a word for the record, without anything that was sent."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def check(url: str) -> str:
    """Why an address will not do, as a sentence; empty where it will, as far as can be told without a look-up."""
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return _("This is not an address such as https://crm.example.com/events.")
    if not host or parts.scheme not in ("http", "https"):
        return _("This is not an address such as https://crm.example.com/events.")
    if parts.username or parts.password:
        return _("The address may hold no user name and password; the signature tells who sends.")
    if parts.scheme == "http" and not settings.WEBHOOK_PRIVATE_ADDRESSES:
        return _("The address has to begin with https://.")
    return "" if _literal_is_fine(host) else _("This address lies within the own network (WEBHOOK_PRIVATE_ADDRESSES).")


def post(url: str, *, body: bytes, headers: Mapping[str, str]) -> int:
    """The status of the answer; NotSentError where none came, or the address is not one to be sent to."""
    parts = urlsplit(url)
    if check(url):
        raise NotSentError("address not allowed")
    connection = _connection(parts)
    try:
        connection.request("POST", _target(parts), body=body, headers={"Host": parts.netloc, **headers})
        answer = connection.getresponse()
        answer.read(_MOST_READ)
        return answer.status
    except TimeoutError:
        raise NotSentError("no answer in time") from None
    except ssl.SSLError:
        raise NotSentError("no valid certificate") from None
    except (OSError, http.client.HTTPException) as error:
        raise NotSentError(type(error).__name__) from None
    finally:
        connection.close()


def _connection(parts: SplitResult) -> http.client.HTTPConnection:
    host = str(parts.hostname)
    address = _resolved(host, parts.port or (443 if parts.scheme == "https" else 80))
    connection = http.client.HTTPConnection(*address, timeout=SECONDS)
    if parts.scheme == "https":
        try:
            plain = socket.create_connection(address, timeout=SECONDS)
            connection.sock = ssl.create_default_context().wrap_socket(plain, server_hostname=host)
        except TimeoutError:
            raise NotSentError("no answer in time") from None
        except ssl.SSLError:
            raise NotSentError("no valid certificate") from None
        except OSError as error:
            raise NotSentError(type(error).__name__) from None
    return connection


def _resolved(host: str, port: int) -> tuple[str, int]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NotSentError("name not found") from None
    addresses = [str(one[4][0]) for one in found]
    if not addresses or not all(map(_is_allowed, addresses)):
        raise NotSentError("address not allowed")
    return addresses[0], port


def _literal_is_fine(host: str) -> bool:
    try:
        return _is_allowed(host)
    except ValueError:
        return host != "localhost" or settings.WEBHOOK_PRIVATE_ADDRESSES


def _is_allowed(address: str) -> bool:
    one = ipaddress.ip_address(address.partition("%")[0])
    if one.is_link_local or one.is_multicast or one.is_unspecified:
        return False
    return one.is_global or settings.WEBHOOK_PRIVATE_ADDRESSES


def _target(parts: SplitResult) -> str:
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
