"""The Content-Security-Policy of pages: nothing but this site, and what the admin's scripts need under /admin/ only."""

from typing import Any

from csp.constants import NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from csp.middleware import CSPMiddleware, PolicyParts
from django.http import HttpRequest, HttpResponseBase

__all__ = ["DIRECTIVES", "PolicyMiddleware"]

DIRECTIVES: dict[str, Any] = {
    "default-src": [NONE],
    "script-src": [SELF],
    "style-src": [SELF],
    "img-src": [SELF, "data:"],
    "font-src": [SELF],
    "connect-src": [SELF],
    "form-action": [SELF],
    "base-uri": [NONE],
    "frame-ancestors": [NONE],
}

# Alpine, which the admin's pages are made with, evaluates what stands in their attributes.
ADMIN: dict[str, Any] = {"script-src": [UNSAFE_EVAL], "style-src-attr": [UNSAFE_INLINE]}

# The one style within the page that describes the API, by its content.
DOCS: dict[str, Any] = {"style-src": ["'sha256-MMpT0iDxyjALd9PdfepImGX3DBfJPXZ4IlDWdPAgtn0='"]}
PLACES = {"/admin/": ADMIN, "/api/v1/docs/": DOCS}


class PolicyMiddleware(CSPMiddleware):
    """A response that brings a policy of its own keeps it."""

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        parts = super().get_policy_parts(request=request, response=response, report_only=report_only)
        more = next((more for place, more in PLACES.items() if request.path_info.startswith(place)), None)
        if more and parts.config is None:
            parts.update = {**more, **(parts.update or {})}
        return parts


def permissions_policy(get_response: Any) -> Any:
    """Middleware: no page of ours uses a camera, a microphone or the like, and none that got in may."""
    denied = ", ".join(f"{name}=()" for name in DENIED)

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response: HttpResponseBase = get_response(request)
        response.headers.setdefault("Permissions-Policy", denied)
        return response

    return middleware


DENIED = (
    *("accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "magnetometer", "microphone", "midi"),
    *("payment", "screen-wake-lock", "serial", "usb", "xr-spatial-tracking"),
)
