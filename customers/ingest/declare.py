"""What a kind of rows is: its columns, which one tells rows apart, and which of them name customers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import models

from customers.ingest.values import Text, Value


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of a file: its name, how its text is read, whether a row may lack it, what a blank one counts as.

    A reference names a customer who has to be known; with `by_deal` a profile may name one of the customer's deals.
    """

    name: str
    value: Value
    required: bool = False
    blank: str | None = None
    is_reference: bool = False
    by_deal: bool = False
    field: str = ""

    @property
    def field_name(self) -> str:
        """The field of the model that keeps the column."""
        return self.field or self.name


@dataclass(frozen=True, kw_only=True)
class DayOrder:
    """Two times of a row: the local day of `later` may not come before that of `earlier`; within a day all is well."""

    earlier: str
    later: str


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of rows. `key` is the column that is its id; rows without one are merged by their customers (links).

    Rows that are counted bring no id: the key is made of their content and their number among the rows alike.
    """

    name: str
    model: type[models.Model]
    columns: tuple[Column, ...]
    key: str = ""
    event_time: str = ""
    is_counted: bool = False
    orders: tuple[DayOrder, ...] = ()
    by_name: Mapping[str, Column] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {column.name: column for column in self.columns})

    @property
    def stored(self) -> tuple[Column, ...]:
        """The columns that are kept: those of the file, and the key that is made for it."""
        return (
            (*self.columns, Column(name=self.key, value=Text(most=44, is_id=True))) if self.is_counted else self.columns
        )

    @property
    def references(self) -> tuple[Column, ...]:
        """The columns that name customers which have to be known."""
        return tuple(column for column in self.columns if column.is_reference)

    @property
    def is_by_deal(self) -> bool:
        """Whether a row's customer may be found by a deal."""
        return any(column.by_deal for column in self.columns)

    def model_field(self, column: Column) -> models.Field:
        """The model's field for a column; its help text describes the column."""
        found = self.model._meta.get_field(column.field_name)
        if not isinstance(found, models.Field):
            raise TypeError(f"{column.name} of {self.name} is no field of {self.model.__name__}")
        return found

    def help(self, column: Column) -> Any:
        """What a column holds, in the words of the model and the reader's language."""
        return self.model_field(column).help_text
