"""The sample company's 30 accounts with six months of history: `python -m demo.make_company` writes demo/company/.

Made up, and the same each time: everything comes from one seeded generator of numbers from 0 to 1, of which the
standard library promises that it does not change. The dates end where those of the sample shop end.
"""

import csv
import datetime as dt
import io
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from demo.courses import COURSES, Course

FOLDER = Path(__file__).resolve().parent / "company"
SEED = 20170930
FIRST, TODAY = dt.date(2017, 4, 1), dt.date(2017, 10, 1)
N_DAYS = (TODAY - FIRST).days
SIZES = ("enterprise",) * 10 + ("mid_market",) * 15 + ("startup",) * 5
TIERS = {
    "core": ("Dashboards", "Reports", "Search", "Alerts"),
    "advanced": ("Forecasts", "Automation", "Segments"),
    "integration": ("CRM sync", "Webhooks", "Single sign-on"),
}
LIMITS = {"low": 120, "medium": 72, "high": 24, "urgent": 8}
ADJECTIVES = ("Amber", "Blue", "Cedar", "Delta", "Ember", "Far", "Granite", "Harbour", "Iron", "Jade")
NOUNS = ("Logistics", "Foods", "Robotics")
INDUSTRIES = ("Logistics", "Food", "Manufacturing", "Retail", "Health")
DESKS = ("North desk", "South desk", "West desk")


# In the order of the accounts: each size has all four.
WENT = (
    *("healthy", "healthy", "growing", "fading", "healthy", "critical", "healthy", "growing", "fading", "healthy"),
    *("healthy", "growing", "fading", "healthy", "critical", "healthy", "fading", "healthy", "growing", "healthy"),
    *("fading", "healthy", "critical", "healthy", "growing", "growing", "healthy", "fading", "critical", "healthy"),
)
# MRR that counts as full, in the account currency.
FULL_MRR = {"enterprise": 20_000, "mid_market": 5_000, "startup": 1_000}
USERS = {"enterprise": 40, "mid_market": 12, "startup": 4}


class Chance:
    """Draws from one stream of numbers."""

    def __init__(self, seed: int) -> None:
        self._stream = random.Random(seed)

    def between(self, low: float, high: float) -> float:
        return low + (high - low) * self._stream.random()

    def whole(self, low: int, high: int) -> int:
        """A whole number, both ends included."""
        return low + int(self._stream.random() * (high - low + 1))

    def one_of(self, choices: tuple[str, ...]) -> str:
        return choices[self.whole(0, len(choices) - 1)]

    def happens(self, share: float) -> bool:
        return self._stream.random() < share


@dataclass(frozen=True, kw_only=True)
class Account:
    """One account: who it is, how it goes, and the numbers drawn for it."""

    number: int
    size: str
    went: str
    course: Course
    began: dt.date
    mrr: int

    @property
    def customer_id(self) -> str:
        return f"CUST{self.number:03}"

    @property
    def months(self) -> int:
        """What was agreed on in all, the renewal included."""
        return 24 if self.course.is_renewed else 12


Rows = Iterator[tuple[object, ...]]
HEADERS = {
    "customers": "customer_id registered_on name customer_type industry company_size contract_date "
    "contract_length_months payment_status nps_score onboarding_completed",
    "sales": "deal_id customer_id deal_date deal_amount deal_stage account_manager product_type contract_length "
    "renewal_date",
    "support": "ticket_id customer_id created_date resolved_date priority category satisfaction_score agent_id "
    "resolution_time",
    "activity": "customer_id date activity_type activity_value user_count session_duration feature_name usage_depth",
}


def accounts(chance: Chance) -> list[Account]:
    """The 30 accounts; what is not renewed ends within two months of today, what is renewed a good while after."""
    found = []
    for number, (size, went) in enumerate(zip(SIZES, WENT, strict=True), start=1):
        course = COURSES[went]
        days = chance.whole(400, 520) if course.is_renewed else chance.whole(310, 355)
        mrr = int(FULL_MRR[size] * chance.between(*course.mrr) / 10) * 10
        began = TODAY - dt.timedelta(days=days)
        found.append(Account(number=number, size=size, went=went, course=course, began=began, mrr=mrr))
    return found


def customers(found: list[Account], chance: Chance) -> Rows:
    sizes = {"enterprise": "1000+", "mid_market": "100-999", "startup": "1-99"}
    for account in found:
        course = account.course
        yield (
            account.customer_id,
            account.began - dt.timedelta(days=chance.whole(5, 40)),
            f"{ADJECTIVES[(account.number - 1) % 10]} {NOUNS[(account.number - 1) // 10]}",
            account.size,
            chance.one_of(INDUSTRIES),
            sizes[account.size],
            account.began,
            account.months,
            chance.one_of(course.payment),
            chance.whole(*course.nps),
            "false" if account.went == "critical" else "true",
        )


def sales(found: list[Account], chance: Chance) -> Rows:
    """The contract, its renewal or an addition that ran out, and what was talked about since."""
    number = 0
    for account in found:
        desk = chance.one_of(DESKS)
        for date, amount, stage, product, months in _deals(account, chance):
            number += 1
            until = _months_after(date, months) if stage in ("won", "renewed") else ""
            deal = f"D{number:03}"
            yield deal, account.customer_id, date, f"{amount}.00", stage, desk, product, months, until


def _deals(account: Account, chance: Chance) -> Iterator[tuple[dt.date, int, str, str, int]]:
    addition = int(account.mrr * account.course.addition / 10) * 10
    yield account.began, account.mrr * 12, "won", "Suite", 12
    if account.course.is_renewed:
        renewed = _months_after(account.began, 12) - dt.timedelta(days=chance.whole(0, 14))
        yield renewed, account.mrr * 12, "renewed", "Suite", 12
        yield FIRST + dt.timedelta(days=chance.whole(90, 170)), addition * 12, "won", "Additional seats", 12
        if account.went == "growing":
            yield FIRST + dt.timedelta(days=chance.whole(171, 182)), addition * 12, "open", "Analytics", 12
        return
    yield FIRST + dt.timedelta(days=chance.whole(0, 20)), addition * 3, "won", "Additional seats", 3
    yield FIRST + dt.timedelta(days=chance.whole(100, 170)), addition * 12, "lost", "Analytics", 12


def _months_after(date: dt.date, months: int) -> dt.date:
    years, month = divmod(date.month - 1 + months, 12)
    return dt.date(date.year + years, month + 1, min(date.day, 28))


class Ticket(NamedTuple):
    """A ticket; in the order of its opening."""

    created: dt.datetime
    customer_id: str
    resolved: str
    priority: str
    category: str
    score: object
    agent: str
    hours: object


def support(found: list[Account], chance: Chance) -> Rows:
    """Tickets in the order of their opening; those that would have been solved after today are open."""
    tickets = sorted((ticket for account in found for ticket in _tickets(account, chance)), key=lambda one: one[:2])
    for number, ticket in enumerate(tickets, start=1):
        yield f"T{number:04}", ticket.customer_id, _minute(ticket.created), *ticket[2:]


def _tickets(account: Account, chance: Chance) -> Iterator[Ticket]:
    course = account.course
    for _number in range(course.n_tickets + chance.whole(0, 2)):
        created, priority = _moment(chance.whole(0, N_DAYS - 1), chance), chance.one_of(course.priorities)
        hours = round(LIMITS[priority] * chance.between(*course.hours), 1)
        resolved = created + dt.timedelta(minutes=round(hours * 60))
        category = chance.one_of(("how to", "fault", "billing", "request"))
        agent, score = f"G{chance.whole(1, 6)}", chance.whole(*course.satisfaction)
        known = (_minute(resolved), score, hours) if resolved.date() < TODAY else ("", "", "")
        yield Ticket(created, account.customer_id, str(known[0]), priority, category, known[1], agent, known[2])


class Use(NamedTuple):
    """A row of activity; in the order of time."""

    moment: dt.datetime
    customer_id: str
    kind: str
    value: object
    users: int
    minutes: float
    feature: str
    depth: str


def activity(found: list[Account], chance: Chance) -> Rows:
    """One to three rows on a day on which the account is used, in the order of time."""
    for use in sorted((use for account in found for use in _uses(account, chance)), key=lambda use: use[:2]):
        yield use.customer_id, _minute(use.moment), *use[2:]


def _uses(account: Account, chance: Chance) -> Iterator[Use]:
    first, last = account.course.level
    for day in range(N_DAYS - account.course.silent_days):
        level = first + (last - first) * day / N_DAYS
        if chance.happens(level):
            for number in range(chance.whole(1, 1 + round(2 * level))):
                yield _use(account, day, level, chance, is_first=number == 0)


def _use(account: Account, day: int, level: float, chance: Chance, *, is_first: bool) -> Use:
    moment, users = _moment(day, chance), chance.whole(1, max(1, round(USERS[account.size] * level)))
    minutes = round(chance.between(6, 30) * level, 1)
    if is_first:
        return Use(moment, account.customer_id, "login", 0, users, minutes, "", "")
    features = [name for tier in TIERS.values() for name in tier][: account.course.n_features]
    kind = chance.one_of(("feature_use", "feature_use", "feature_use", "export", "api_call"))
    feature, depth = chance.one_of(tuple(features)), f"{chance.between(*account.course.depth):.2f}"
    return Use(moment, account.customer_id, kind, chance.whole(1, 40), users, minutes, feature, depth)


def _moment(day: int, chance: Chance) -> dt.datetime:
    """A minute of a working day's hours."""
    midnight = dt.datetime.combine(FIRST + dt.timedelta(days=day), dt.time.min)
    return midnight + dt.timedelta(minutes=chance.whole(8 * 60, 19 * 60))


def _minute(moment: dt.datetime) -> str:
    return moment.isoformat(sep=" ", timespec="minutes")


def files() -> dict[str, str]:
    """The text of each file by its name."""
    chance = Chance(SEED)
    found = accounts(chance)
    makers: dict[str, Callable[[list[Account], Chance], Rows]] = {
        "customers": customers,
        "sales": sales,
        "support": support,
        "activity": activity,
    }
    made = {f"{kind}.csv": _csv(HEADERS[kind].split(), make(found, chance)) for kind, make in makers.items()}
    return made | {"health.json": json.dumps({"adoption_tiers": TIERS}, indent=2) + "\n"}


def _csv(header: list[str], rows: Rows) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, text in files().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
