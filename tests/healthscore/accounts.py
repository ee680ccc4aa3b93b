"""Made-up accounts for the tests: by hand, by hypothesis, and as frames or rows of the database."""

import datetime as dt
from zoneinfo import ZoneInfo

import polars as pl
from hypothesis import strategies as st

from customers.models import Activity, Customer, Deal, Ticket
from healthscore.dimensions.rows import ACTIVITY, CUSTOMERS, SALES, SEEN, SUPPORT, Rows
from tests.healthscore.plain import Account, Plain

AS_OF = dt.date(2024, 4, 10)
SHANGHAI = ZoneInfo("Asia/Shanghai")
NEW_YORK = ZoneInfo("America/New_York")
TIERS = {"core": ["board", "search"], "advanced": ["macro"], "integration": ["mail", "crm", "board"]}
EDGES = (
    -366,
    -365,
    -364,
    -120,
    -91,
    -90,
    -89,
    -61,
    -60,
    -59,
    -44,
    -31,
    -30,
    -29,
    -15,
    -14,
    -13,
    -2,
    -1,
    0,
    1,
    2,
    59,
    60,
    61,
)


def day(offset: int) -> dt.date:
    return AS_OF + dt.timedelta(days=offset)


def at(offset: int, hour: float = 12, zone: ZoneInfo = SHANGHAI) -> dt.datetime:
    start = dt.datetime.combine(day(offset), dt.time(), tzinfo=zone).astimezone(dt.UTC)
    return start + dt.timedelta(hours=hour)


def deal(offset: int, **given) -> dict:
    return {"deal_on": day(offset), "cents": 120_000, "stage": "won", "months": 12.0, "renewal_on": None} | given


def ticket(offset: int, hour: float = 12, zone: ZoneInfo = SHANGHAI, **given) -> dict:
    plain = {"created_at": at(offset, hour, zone), "resolved_at": None, "priority": "high", "satisfaction": None}
    return plain | given


def session(offset: int, hour: float = 12, zone: ZoneInfo = SHANGHAI, **given) -> dict:
    plain = {"at": at(offset, hour, zone), "activity_type": "login", "depth": None, "minutes": None, "feature": ""}
    return plain | given


offsets = st.one_of(st.sampled_from(EDGES), st.integers(-500, 70))
hours = st.one_of(st.sampled_from([0, 23.999, 8, 16, 24]), st.floats(0, 23.9))
numbers = st.floats(0, 1, width=32)


def maybe(values):
    return st.one_of(st.none(), values)


deals = st.builds(
    lambda offset, cents, stage, months, renewal: deal(
        offset, cents=cents, stage=stage, months=months, renewal_on=None if renewal is None else day(renewal)
    ),
    offsets,
    st.integers(0, 5_000_000),
    st.sampled_from(["won", "renewed", "lost", "open", ""]),
    maybe(st.sampled_from([0.0, 1.0, 3.0, 6.0, 12.0, 16.0, 24.0, 0.5, 2.957])),
    maybe(offsets),
)


def tickets(zone):
    def build(offset, hour, priority, taken, satisfaction):
        created = at(offset, hour, zone)
        resolved = None if taken is None else created + dt.timedelta(hours=taken)
        if resolved is not None and resolved.astimezone(zone).date() < created.astimezone(zone).date():
            resolved = created
        return ticket(offset, hour, zone, priority=priority, resolved_at=resolved, satisfaction=satisfaction)

    taken = maybe(st.one_of(st.sampled_from([-2, 0, 8, 8.001, 24, 24.01, 72, 120, 121]), st.floats(-5, 900)))
    priorities = st.sampled_from(["urgent", "high", "medium", "low", ""])
    return st.builds(build, offsets, hours, priorities, taken, maybe(st.sampled_from([1.0, 2.5, 4.0, 5.0])))


def sessions(zone):
    return st.builds(
        lambda offset, hour, kind, depth, minutes, feature: session(
            offset, hour, zone, activity_type=kind, depth=depth, minutes=minutes, feature=feature
        ),
        st.one_of(offsets, st.integers(-35, 2)),
        hours,
        st.sampled_from(["login", "login", "Login", "export", ""]),
        maybe(numbers),
        maybe(st.floats(0, 300, width=32)),
        st.sampled_from(["", "board", "search", "macro", "mail", "Board", "other"]),
    )


def accounts(zone=SHANGHAI):
    return st.builds(
        Account,
        registered_on=st.sampled_from([day(-400), day(-31), day(-30), day(-1), day(0)]),
        customer_type=st.sampled_from(["enterprise", "mid_market", "startup", "Enterprise", ""]),
        contract_on=maybe(st.one_of(offsets.map(day), st.just(day(-800)))),
        contract_months=maybe(st.sampled_from([0.0, 1.0, 6.0, 12.0, 16.0, 36.0])),
        payment_status=st.sampled_from(["", "current", "late", "overdue"]),
        nps_score=maybe(st.sampled_from([-100.0, -0.5, 0.0, 33.0, 100.0])),
        onboarding_completed=maybe(st.booleans()),
        sales=st.lists(deals, max_size=5),
        support=st.lists(tickets(zone), max_size=8),
        activity=st.lists(sessions(zone), max_size=25),
    )


def rows(accounts: list[Account], *, as_of: dt.date = AS_OF, zone: ZoneInfo = SHANGHAI, order=None) -> Rows:
    """Frames of the accounts, with keys from 1, cut to the date; `order` shuffles the rows of each."""
    arranged = order or (lambda found: found)
    customers, sales, support, activity, seen = [], [], [], [], []
    for key, one in enumerate(accounts, start=1):
        customers.append(
            {"customer_pk": key, **{name: getattr(one, name) for name in CUSTOMERS if name != "customer_pk"}}
        )
        sales += [_deal(key, n, row) for n, row in enumerate(one.sales)]
        support += [_ticket(key, n, row, zone) for n, row in enumerate(one.support)]
        days = [row["at"].astimezone(zone).date() for row in one.activity]
        activity += [{"customer_pk": key, "day": on, **row} for on, row in zip(days, one.activity, strict=True)]
        seen += [{"customer_pk": key, "first_on": min(days), "earlier_on": None}] if days else []
    frames = {
        name: pl.DataFrame(arranged(found), schema=schema, orient="row")
        for name, found, schema in (
            ("sales", sales, SALES),
            ("support", support, SUPPORT),
            ("activity", [{name: row[name] for name in ACTIVITY} for row in activity], ACTIVITY),
            ("seen", seen, SEEN),
        )
    }
    midnight = dt.datetime.combine(as_of, dt.time(), tzinfo=zone)
    everyone = pl.DataFrame(customers, schema=CUSTOMERS, orient="row")
    return Rows.before(as_of=as_of, midnight=midnight, customers=everyone, **frames)


def _deal(key: int, number: int, row: dict) -> dict:
    return {"customer_pk": key, "deal_id": f"{key}-{number}", "contract_months": row["months"], **row}


def _ticket(key: int, number: int, row: dict, zone: ZoneInfo) -> dict:
    days = {
        f"{name}_on": None if row[f"{name}_at"] is None else row[f"{name}_at"].astimezone(zone).date()
        for name in ("created", "resolved")
    }
    return {"customer_pk": key, "ticket_id": f"{key}-{number}", **row, **days}


def plain(account: Account, *, as_of: dt.date = AS_OF, zone: ZoneInfo = SHANGHAI, tiers: dict | None = None) -> Plain:
    return Plain(account, as_of, zone, TIERS if tiers is None else tiers)


def store(accounts: list[Account], *, prefix: str = "C") -> list[Customer]:
    """The accounts in the database, named C001 and so on."""
    kept = [_customer(f"{prefix}{number:03}", one) for number, one in enumerate(accounts, start=1)]
    for customer, one in zip(kept, accounts, strict=True):
        add(customer, one)
    return kept


def add(customer: Customer, account: Account, *, start: int = 0) -> None:
    """The account's deals, tickets and activity, for a customer who is there already."""
    name = customer.customer_id
    Deal.objects.bulk_create(_stored_deal(customer, f"{name}-{n}", row) for n, row in enumerate(account.sales, start))
    Ticket.objects.bulk_create(
        _stored_ticket(customer, f"{name}-{n}", row) for n, row in enumerate(account.support, start)
    )
    Activity.objects.bulk_create(
        _stored_session(customer, f"{name}-{n}", row) for n, row in enumerate(account.activity, start)
    )


def _customer(name: str, account: Account) -> Customer:
    return Customer.objects.create(
        customer_id=name,
        name=f"{name} Ltd",
        registered_on=account.registered_on,
        customer_type=account.customer_type,
        contract_date=account.contract_on,
        contract_length_months=account.contract_months,
        payment_status=account.payment_status,
        nps_score=account.nps_score,
        onboarding_completed=account.onboarding_completed,
    )


def _stored_deal(customer: Customer, name: str, row: dict) -> Deal:
    return Deal(
        customer=customer,
        deal_id=name,
        deal_date=row["deal_on"],
        deal_amount=f"{row['cents'] // 100}.{row['cents'] % 100:02}",
        deal_stage=row["stage"],
        contract_length=row["months"],
        renewal_date=row["renewal_on"],
        account_manager=row.get("manager", ""),
    )


def _stored_ticket(customer: Customer, name: str, row: dict) -> Ticket:
    return Ticket(
        customer=customer,
        ticket_id=name,
        created_date=row["created_at"],
        resolved_date=row["resolved_at"],
        priority=row["priority"],
        satisfaction_score=row["satisfaction"],
    )


def _stored_session(customer: Customer, name: str, row: dict) -> Activity:
    return Activity(
        customer=customer,
        row_key=name,
        date=row["at"],
        activity_type=row["activity_type"],
        usage_depth=row["depth"],
        session_duration=row["minutes"],
        feature_name=row["feature"],
    )
