"""Files that are kept and handed out, which may be gone; and reports of one file, which are able to do nothing."""

from pathlib import Path

from django.http import FileResponse, Http404

__all__ = ["POLICY", "Missing", "document"]

POLICY = {
    "default-src": ["'none'"],
    "style-src": ["'unsafe-inline'"],
    "img-src": ["data:"],
    "form-action": ["'none'"],
    "base-uri": ["'none'"],
    "frame-ancestors": ["'none'"],
}


class Missing(Http404):
    """What was asked for is not there; a sentence for people says what and why."""


def document(path: Path, *, missing: str) -> FileResponse:
    """The file as a page whose policy lets it draw and do nothing else; Missing with that sentence where it is gone."""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        raise Missing(missing) from None
    response = FileResponse(file, content_type="text/html; charset=utf-8")
    response._csp_config = POLICY  # type: ignore[attr-defined]
    return response
