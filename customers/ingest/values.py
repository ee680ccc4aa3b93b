"""How the text of a cell becomes a value, a column at a time; each check says which cells break it and why.

A check never guesses: `1e3`, `1,000`, `TRUE` and `30/09/2017` are not what they may have meant, and are set aside.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol
from zoneinfo import ZoneInfo

import polars as pl

_TIME = (
    r"^(?<date>[0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:[T ](?<time>[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?)(?<offset>Z|[+-][0-9]{2}:[0-9]{2})?)?$"
)
_NUMBER = r"^-?[0-9]+(\.[0-9]+)?$"
_EARLIEST = dt.date(1900, 1, 1)


@dataclass(frozen=True, kw_only=True)
class Now:
    """The real clock and the business time zone, read once an import."""

    instant: dt.datetime
    zone: ZoneInfo

    @property
    def latest(self) -> dt.datetime:
        """What lies after this is too far in the future: a day after the real clock."""
        return self.instant + dt.timedelta(days=1)


class Broken(NamedTuple):
    """Cells that break one check."""

    mask: pl.Series
    code: str
    params: dict[str, Any]


class Value(Protocol):
    """Reads a column of trimmed text, null where a cell is empty."""

    def read(self, texts: pl.Series, *, now: Now) -> tuple[pl.Series, list[Broken]]: ...


@dataclass(frozen=True, kw_only=True)
class Text:
    """Text; line breaks and tabs are allowed inside unless it is an id."""

    most: int
    is_id: bool = False

    def read(self, texts: pl.Series, *, now: Now) -> tuple[pl.Series, list[Broken]]:
        control = r"[\x00-\x1f\x7f-\x9f]" if self.is_id else r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]"
        return texts, [
            Broken(texts.str.contains(control), "control", {}),
            Broken(texts.str.len_chars() > self.most, "too_long", {"most": self.most}),
        ]


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One of a few words."""

    choices: tuple[str, ...]

    def read(self, texts: pl.Series, *, now: Now) -> tuple[pl.Series, list[Broken]]:
        known = texts.is_in(list(self.choices))
        return texts, [Broken(~known, "choice", {"choices": ", ".join(self.choices)})]


@dataclass(frozen=True, kw_only=True)
class Moment:
    """A time of an event, in UTC; not more than a day after the real clock."""

    def read(self, texts: pl.Series, *, now: Now) -> tuple[pl.Series, list[Broken]]:
        times = moments(texts, zone=now.zone)
        early = times < dt.datetime.combine(_EARLIEST, dt.time.min, tzinfo=now.zone).astimezone(dt.UTC)
        return times, [
            Broken(times.is_null() & texts.is_not_null(), "not_time", {}),
            Broken(early, "too_early", {}),
            Broken(times > now.latest, "future", {}),
        ]


@dataclass(frozen=True, kw_only=True)
class Date:
    """A date, or a time whose local date counts; one that has happened cannot lie in the future."""

    may_be_future: bool = False

    def read(self, texts: pl.Series, *, now: Now) -> tuple[pl.Series, list[Broken]]:
        dates = moments(texts, zone=now.zone).dt.convert_time_zone(now.zone.key).dt.date()
        broken = [
            Broken(dates.is_null() & texts.is_not_null(), "not_date", {}),
            Broken(dates < _EARLIEST, "too_early", {}),
        ]
        if not self.may_be_future:
            broken.append(Broken(dates > now.latest.astimezone(now.zone).date(), "future", {}))
        return dates, broken


@dataclass(frozen=True, kw_only=True)
class Amount:
    """A decimal above 0, or from 0, with at most 2 places (zeros after them do no harm), kept as its exact text."""

    most: int = 10**12
    may_be_zero: bool = False

    def read(self, texts: pl.Series, *, now: Now) -> tuple[pl.Series, list[Broken]]:
        good = texts.str.contains(_NUMBER)
        plain = texts.str.replace(r"(\.[0-9]{2})0+$", "$1")
        # Thirteen digits hold every amount that is allowed; longer ones would overflow.
        too_long = texts.str.contains(r"^0*[0-9]{14,}")
        numbers = plain.cast(pl.Decimal(38, 2), strict=False)
        return plain, [
            Broken(~good, "not_amount", {}),
            Broken(good & plain.str.contains(r"\.[0-9]{3,}$"), "too_precise", {}),
            self._too_small(texts, good),
            Broken(good & (too_long | (numbers > self.most).fill_null(value=False)), "too_large", {"most": self.most}),
        ]

    def _too_small(self, texts: pl.Series, good: pl.Series) -> Broken:
        zero = texts.str.contains(r"^-?[0.]+$")
        if self.may_be_zero:
            return Broken(good & texts.str.starts_with("-") & ~zero, "too_small", {"least": 0})
        return Broken(good & (texts.str.starts_with("-") | zero), "not_positive", {})


@dataclass(frozen=True, kw_only=True)
class Integer:
    """A whole number; spreadsheets write 3 as 3.0, which is the same."""

    least: int = 0
    most: int = 2**31 - 1

    def read(self, texts: pl.Series, *, now: Now) -> tuple[pl.Series, list[Broken]]:
        good = texts.str.contains(r"^-?[0-9]+(\.0+)?$")
        numbers = texts.str.replace(r"\.0+$", "").cast(pl.Int64, strict=False)
        overflow = good & numbers.is_null()
        too_large = (numbers > self.most).fill_null(value=False) | (overflow & ~texts.str.starts_with("-"))
        too_small = (numbers < self.least).fill_null(value=False) | (overflow & texts.str.starts_with("-"))
        return numbers, [
            Broken(~good, "not_integer", {}),
            Broken(good & too_large, "too_large", {"most": self.most}),
            Broken(good & too_small, "too_small", {"least": self.least}),
        ]


@dataclass(frozen=True, kw_only=True)
class Number:
    """A number, of any number of decimal places, within bounds."""

    least: float
    most: float

    def read(self, texts: pl.Series, *, now: Now) -> tuple[pl.Series, list[Broken]]:
        numbers = texts.str.contains(_NUMBER).fill_null(value=False)
        values = pl.select(pl.when(numbers).then(texts)).to_series().cast(pl.Float64, strict=False)
        return values, [
            Broken(~numbers & texts.is_not_null(), "not_number", {}),
            Broken((values > self.most).fill_null(value=False), "too_large", {"most": f"{self.most:g}"}),
            Broken((values < self.least).fill_null(value=False), "too_small", {"least": f"{self.least:g}"}),
        ]


@dataclass(frozen=True, kw_only=True)
class Flag:
    """`true` or `false`, in either case of letters, as spreadsheets and programs write it."""

    def read(self, texts: pl.Series, *, now: Now) -> tuple[pl.Series, list[Broken]]:
        lower = texts.str.to_lowercase()
        return lower == "true", [Broken(~lower.is_in(["true", "false"]), "not_flag", {})]


def moments(texts: pl.Series, *, zone: ZoneInfo) -> pl.Series:
    """ISO 8601 texts as instants in UTC, null where a text is none; without an offset it is the zone's time.

    A local time that the clock shows twice is the first of the two; one that it skips is read with the offset that
    held before the jump (PEP 495, fold=0), as `customers.clock.start_of` does.
    """
    parts = texts.str.extract_groups(_TIME).struct.unnest()
    clock = parts["time"].fill_null("00:00")
    clock = pl.select(pl.when(clock.str.len_chars() == 5).then(clock + ":00").otherwise(clock)).to_series()
    naive = (parts["date"] + "T" + clock).str.to_datetime("%Y-%m-%dT%H:%M:%S%.f", time_unit="us", strict=False)
    # A leap second reads as the next minute's 0 in some parsers; no clock of ours shows it.
    naive = pl.select(pl.when(clock.str.slice(6, 2) < "60").then(naive)).to_series()
    local = _localised(naive, zone=zone)
    return pl.select(
        pl.when(parts["offset"].is_null()).then(local).otherwise(_shifted(naive, parts["offset"]))
    ).to_series()


def _shifted(naive: pl.Series, offsets: pl.Series) -> pl.Series:
    sign = pl.when(offsets.str.starts_with("-")).then(-1).otherwise(1)
    hours = offsets.str.slice(1, 2).cast(pl.Int64, strict=False)
    minutes = offsets.str.slice(4, 2).cast(pl.Int64, strict=False)
    ahead = pl.when(offsets == "Z").then(0).when((hours < 24) & (minutes < 60)).then(sign * (hours * 60 + minutes))
    return pl.select(pl.lit(naive) - pl.duration(minutes=ahead)).to_series().dt.replace_time_zone("UTC")


def _localised(naive: pl.Series, *, zone: ZoneInfo) -> pl.Series:
    local = naive.dt.replace_time_zone(zone.key, ambiguous="earliest", non_existent="null").dt.convert_time_zone("UTC")
    skipped = (local.is_null() & naive.is_not_null()).arg_true()
    if skipped.is_empty():
        return local
    instants = [moment.replace(tzinfo=zone).astimezone(dt.UTC) for moment in naive.gather(skipped).to_list()]
    return local.scatter(skipped, pl.Series(instants, dtype=pl.Datetime("us", "UTC")))


def broken_cells(broken: list[Broken]) -> Iterator[tuple[int, str, dict[str, Any]]]:
    """Each cell that breaks a check: its position, and the check's code and parameters."""
    for mask, code, params in broken:
        if mask.any():
            for position in mask.fill_null(value=False).arg_true():
                yield position, code, params
