"""Log lines without personal data: where something failed and with which kind of error, but no values of rows.

The message of an error often repeats values ("Key (customer_id)=(…) already exists"), as do the results that Celery
prints and the addresses of the API. What an error said is kept where only people with the right read it: in the row of
the run, the import or the job.
"""

import copy
import logging
import re
from types import TracebackType
from typing import Any

from django.db import InterfaceError, OperationalError

__all__ = ["Line"]

# Errors of the surroundings and of the code, which say nothing of rows.
OPEN = (OSError, ImportError, AttributeError, NameError, MemoryError, OperationalError, InterfaceError)
LEFT_OUT = "(what it says may hold personal data)"
_IN_ADDRESS = re.compile(r"(/api/\S*?/customers/)[^/?\s]+")
_QUERY = re.compile(r"\?\S+")
_ADDRESSES = ("django.request", "django.server", "django.security")


class Line(logging.Formatter):
    """A formatter for every handler of the site."""

    def format(self, record: logging.LogRecord) -> str:
        plain = copy.copy(record)
        plain.exc_text = None  # another handler may have made it
        plain.args = _plain_args(record)
        text = super().format(plain)
        if record.name.startswith(_ADDRESSES):
            text = _QUERY.sub("?…", _IN_ADDRESS.sub(r"\1…", text))
        return text

    def formatException(self, ei: Any) -> str:  # noqa: N802 - logging's name
        """The frames and the kinds of the errors, from the first cause to the last."""
        return "\n".join(_chain(ei[1], ei[2])) if ei[1] is not None else ""


def _plain_args(record: logging.LogRecord) -> Any:
    args: Any = record.args
    if record.name.startswith("celery") and isinstance(args, dict):
        named = {"exc": "", "return_value": LEFT_OUT, "args": "", "kwargs": "", "traceback": ""}
        return {**args, **{name: text for name, text in named.items() if name in args}}
    if isinstance(args, dict):
        return {name: _quiet(one) for name, one in args.items()}
    return tuple(_quiet(one) for one in args) if isinstance(args, tuple) else args


def _quiet(value: Any) -> Any:
    return said(value) if isinstance(value, BaseException) else value


def said(error: BaseException) -> str:
    """An error as it may be logged."""
    name = type(error).__name__
    return f"{name}: {error}" if isinstance(error, OPEN) else f"{name} {LEFT_OUT}"


def _chain(error: BaseException, frames: TracebackType | None = None) -> list[str]:
    lines: list[str] = []
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None:
        lines += [*_chain(before), "", "which led to:", ""]
    lines.append("Traceback (most recent call last):")
    frame = error.__traceback__ or frames
    while frame is not None:
        code = frame.tb_frame.f_code
        lines.append(f'  File "{code.co_filename}", line {frame.tb_lineno}, in {code.co_name}')
        frame = frame.tb_next
    return [*lines, said(error)]
