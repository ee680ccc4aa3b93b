"""A report that is one file, with its styles and drawings in it: shown as it is, and able to do nothing."""

from pathlib import Path

from django.http import FileResponse

__all__ = ["POLICY", "document"]

POLICY = {
    "default-src": ["'none'"],
    "style-src": ["'unsafe-inline'"],
    "img-src": ["data:"],
    "form-action": ["'none'"],
    "base-uri": ["'none'"],
    "frame-ancestors": ["'none'"],
}


def document(path: Path) -> FileResponse:
    """The file as a page whose policy lets it draw and nothing else: no script, no request."""
    response = FileResponse(path.open("rb"), content_type="text/html; charset=utf-8")
    response._csp_config = POLICY  # type: ignore[attr-defined]
    return response
