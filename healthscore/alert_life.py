"""The life of alerts: opened once, kept while they hold, closed when they no longer do, never doubled.

It goes forward only. A date before the last one that was scored has its alerts in the output, but does not change what
is stored, which tells how things stand now.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import Max, Q
from django.utils import timezone

from customers import boundary, outbox
from customers.alone import take_turn
from customers.clock import business_date
from customers.models import Customer
from healthscore.dimensions.alerts import ALERTS
from healthscore.models import HealthAlert, HealthDay

__all__ = ["acknowledge", "follow", "last_followed"]

Key = tuple[int, str]
Raised = Iterable[dict[str, Any]]
BATCH = 2_000
CLOSED, OPEN, ACKNOWLEDGED = HealthAlert.State.CLOSED, HealthAlert.State.OPEN, HealthAlert.State.ACKNOWLEDGED
_FIGURES = ("severity", "value", "threshold", "detail")
_UPDATED = (*_FIGURES, "state", "opened_on", "held_on", "closed_on")


@dataclass
class _Life:
    """The alerts that are open, or were closed on the day that is done again."""

    alerts: dict[Key, HealthAlert]
    closed: list[HealthAlert] = field(default_factory=list)
    undone: list[HealthAlert] = field(default_factory=list)

    def day(self, as_of: dt.date, raised: Raised, judged: Callable[[str], bool]) -> None:
        held = set()
        for row in raised:
            key = (row["customer_pk"], row["code"])
            held.add(key)
            self._hold(key, as_of, {name: row[name] for name in _FIGURES})
        for key in [key for key in self.alerts if key not in held and judged(key[1])]:
            self._end(key, as_of)

    def _hold(self, key: Key, as_of: dt.date, figures: dict[str, Any]) -> None:
        alert = self.alerts.get(key)
        if alert is None:
            alert = self.alerts[key] = HealthAlert(customer_id=key[0], code=key[1], opened_on=as_of)
        alert.state = ACKNOWLEDGED if alert.acknowledged_at else OPEN
        alert.closed_on, alert.held_on = None, as_of
        for name, value in figures.items():
            setattr(alert, name, value)

    def _end(self, key: Key, as_of: dt.date) -> None:
        """Close it; what was opened by an earlier run of the same day, and nobody has taken up, never was."""
        alert = self.alerts.pop(key)
        if alert.opened_on == as_of and not alert.acknowledged_at:
            self.undone.append(alert)
            return
        alert.state, alert.closed_on = CLOSED, alert.closed_on or as_of
        self.closed.append(alert)


def last_followed() -> dt.date | None:
    """The last date scored; alerts are as they stood at it."""
    found: dt.date | None = HealthDay.objects.aggregate(last=Max("as_of"))["last"]
    return found


def follow(*, days: Iterable[tuple[dt.date, Raised]], unread: Iterable[str]) -> None:
    """Bring the stored alerts to the last of these days, which rise; in the caller's transaction, before the days are
    stored. Days before the last one that was scored are left out.

    Alerts that rest on a source that could not be read are left as they are.
    """
    take_turn("healthscore.alerts")  # two runs at once go one after the other from here to their ends
    last = last_followed()
    life: _Life | None = None
    unread = set(unread)
    for as_of, raised in days:
        if last is not None and as_of < last:
            continue
        life = life or _Life(_current(as_of))
        life.day(as_of, raised, lambda code: not (_RESTS_ON.get(code, frozenset()) & unread))
    if life is not None:
        _write(life)


_RESTS_ON = {alert.code: frozenset(alert.sources) for alert in ALERTS}


def acknowledge(*, alerts: Iterable[HealthAlert], user: Any) -> int:
    """Say that somebody has taken these up; closed ones and those taken up already stay as they are."""
    open_ = HealthAlert.objects.filter(pk__in=[alert.pk for alert in alerts], state=OPEN)
    return open_.update(state=ACKNOWLEDGED, acknowledged_by=user, acknowledged_at=timezone.now())


def _current(as_of: dt.date) -> dict[Key, HealthAlert]:
    found = HealthAlert.objects.filter(~Q(state=CLOSED) | Q(closed_on=as_of)).order_by("id")
    alerts: dict[Key, HealthAlert] = {}
    for alert in found:
        key = (alert.customer_id, alert.code)
        if key not in alerts or alert.state != CLOSED:
            alerts[key] = alert
    return alerts


def _write(life: _Life) -> None:
    HealthAlert.objects.filter(pk__in=[alert.pk for alert in life.undone if alert.pk]).delete()
    _update([alert for alert in life.closed if alert.pk])
    _update([alert for alert in life.alerts.values() if alert.pk])
    new = [alert for alert in (*life.closed, *life.alerts.values()) if not alert.pk]
    HealthAlert.objects.bulk_create(new, batch_size=BATCH)
    if outbox.is_wanted(outbox.Kind.HEALTH_ALERT):
        outbox.emit_all(outbox.Kind.HEALTH_ALERT, _told([alert for alert in new if alert.state == OPEN]))


def _told(opened: list[HealthAlert]) -> Iterator[dict[str, Any]]:
    """What other systems hear of alerts just opened: also of customers who are held back, and that they are."""
    for first in range(0, len(opened), BATCH):
        alerts = opened[first : first + BATCH]
        keys = {alert.customer_id for alert in alerts}
        ids = dict(Customer.objects.filter(pk__in=keys).values_list("pk", "customer_id"))
        held = boundary.why_held(keys, on=business_date())
        for alert in alerts:
            facts = {name: getattr(alert, name) for name in ("code", "severity", "value", "threshold")}
            why = held.get(alert.customer_id)
            yield {
                "customer_id": ids[alert.customer_id],
                **facts,
                "opened_on": alert.opened_on.isoformat(),
                "held_back": why and why.facts,
            }


def _update(alerts: list[HealthAlert]) -> None:
    if not alerts:
        return
    table, sets = HealthAlert._meta.db_table, ", ".join(f"{name} = %s" for name in _UPDATED)
    prepared = [[*_prepared(alert), alert.pk] for alert in alerts]
    with connection.cursor() as cursor:
        cursor.executemany(f"UPDATE {table} SET {sets} WHERE id = %s", prepared)  # noqa: S608 - own names


def _prepared(alert: HealthAlert) -> Iterator[Any]:
    fields = {field.name: field for field in HealthAlert._meta.concrete_fields}
    for name in _UPDATED:
        yield fields[name].get_db_prep_save(getattr(alert, name), connection)
