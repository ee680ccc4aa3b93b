"""Who is at work: kept for the thread or the task, and told to the database by `customers.audit.connections`."""

import getpass
import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

DATABASE = "database"


@dataclass(frozen=True, kw_only=True)
class Actor:
    """A user, a machine's key, or a program; `user` may be lazy, and is looked at when the first write needs it.

    `account` is the operating system's, of whoever called a command.

    While it `counts`, writes to many rows leave one entry a statement, without values. Only an actor that `erases` may
    take values out of the audit log.
    """

    user: Any = None
    key: str = ""
    via: str = DATABASE
    source: str = ""
    account: str = ""
    counts: bool = False
    erases: bool = False

    @cached_property
    def user_id(self) -> int | None:
        return getattr(self.user, "pk", None)

    @cached_property
    def who(self) -> str:
        return str(self.user.get_username())[:150] if self.user_id is not None else self.account

    @cached_property
    def told(self) -> str:
        """As the triggers of PostgreSQL read it; empty where nobody is known."""
        facts = {"user": self.user_id, "key": self.key, "source": self.source}
        facts |= {"counts": self.counts or None, "erases": self.erases or None}
        known = {name: value for name, value in facts.items() if value}
        if self.via == DATABASE and not known:
            return ""
        return json.dumps({"via": self.via, "who": self.who, **known})


_actor: ContextVar[Actor | None] = ContextVar("actor", default=None)
_process = Actor()


def current() -> Actor:
    """Who is at work in this thread or task; else what `process` said."""
    return _actor.get() or _process


def process(*, via: str, source: str) -> None:
    """Say what this whole process is, for writes outside `acting`: a command has threads too."""
    global _process  # noqa: PLW0603 - there is one process
    _process = Actor(via=via, source=source[:100], account=account())


def account() -> str:
    """The operating system's name of whoever runs this process."""
    with suppress(KeyError, OSError):
        return getpass.getuser()[:150]
    return ""


@contextmanager
def acting(*, user: Any = None, key: Any = None, via: str | None = None, source: str | None = None) -> Iterator[Actor]:
    """Let what is written inside be this actor's; what is not given stays as it was outside.

    `key` is an API key or its name; `via` is one of AuditEntry.Via; `source` the command, task or file.
    """
    named = None if key is None else str(getattr(key, "name", key))[:100]
    given = {"user": user, "key": named, "via": via, "source": source and source[:100]}
    # No test of truth: that would look a lazy user up.
    with as_actor(replace(current(), **{name: value for name, value in given.items() if value is not None})) as actor:
        yield actor


@contextmanager
def counted(*, source: str) -> Iterator[None]:
    """Record statements with their numbers of rows instead of each row with its values: for what moves elsewhere."""
    with as_actor(replace(current(), counts=True, source=source[:100])):
        yield


@contextmanager
def erasing(*, source: str) -> Iterator[None]:
    """As `counted`, and values may be taken out of the audit log itself."""
    with as_actor(replace(current(), counts=True, erases=True, source=source[:100])):
        yield


@contextmanager
def as_actor(actor: Actor) -> Iterator[Actor]:
    """Let what is done inside be this actor's."""
    before = _actor.set(actor)
    try:
        yield actor
    finally:
        _actor.reset(before)
