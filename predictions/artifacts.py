"""Model files: text and JSON only, beside a signed manifest that is checked before a byte of them is read as a model.

A damaged text model can abort the process that loads it, and a changed digit loads in silence; so the signature and
every file's SHA-256 are compared first. Folders are written under another name and renamed when whole.
"""

import hashlib
import json
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

from predictions.modelling.remarks import Remark, remark
from predictions.remarks import said

__all__ = ["Damaged", "digest", "read", "write"]

MANIFEST, SIGNATURE = "manifest.json", "signature"
SALT = "predictions.artifacts"


class Damaged(Exception):  # noqa: N818 - reads as what the files are
    """The files are not those that were signed; `remark` says what is wrong, and so does its text, in one sentence."""

    def __init__(self, remark: Remark) -> None:
        super().__init__(remark)
        self.remark = remark

    def __str__(self) -> str:
        return said(self.remark)


def digest(files: Mapping[str, str]) -> str:
    """SHA-256 over the manifest of `files`: the same contents give the same digest."""
    return hashlib.sha256(_manifest(files).encode()).hexdigest()


def write(*, folder: str, files: Mapping[str, str]) -> str:
    """Store `files` in `folder` below DATA_DIR and return the signature; a folder that holds just these is left."""
    manifest = _manifest(files)
    signature = _signature(manifest, settings.SECRET_KEY)
    if not _holds(folder, signature, files):
        _replace(Path(settings.DATA_DIR) / folder, {**files, MANIFEST: manifest, SIGNATURE: signature})
    return signature


def read(*, folder: str, signature: str) -> dict[str, str]:
    """The texts of `folder`, by name; raises Damaged unless each is what was signed and registered."""
    path = Path(settings.DATA_DIR) / folder
    manifest = _text(path / MANIFEST)
    if not _is_signed(manifest, signature):
        raise Damaged(remark("unsigned", folder=folder))
    texts = {}
    for name, expected in json.loads(manifest).items():
        content = _bytes(path / name)
        if hashlib.sha256(content).hexdigest() != expected:
            raise Damaged(remark("changed", name=name, folder=folder))
        texts[name] = content.decode()
    return texts


def _holds(folder: str, signature: str, files: Mapping[str, str]) -> bool:
    try:
        return read(folder=folder, signature=signature) == dict(files)
    except Damaged:
        return False


def _replace(target: Path, texts: Mapping[str, str]) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=".new-", dir=target.parent))
    try:
        for name, text in texts.items():
            (made / name).write_text(text, encoding="utf-8", newline="\n")
        shutil.rmtree(target, ignore_errors=True)
        made.rename(target)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _manifest(files: Mapping[str, str]) -> str:
    sums = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in files.items()}
    return json.dumps(sums, sort_keys=True, indent=1)


def _signature(manifest: str, secret: str | bytes) -> str:
    return salted_hmac(SALT, manifest, secret=secret, algorithm="sha256").hexdigest()


def _is_signed(manifest: str, signature: str) -> bool:
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return any(constant_time_compare(_signature(manifest, secret), signature) for secret in secrets)


def _text(path: Path) -> str:
    return _bytes(path).decode(errors="replace")


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise Damaged(remark("unreadable", path=str(path))) from None
