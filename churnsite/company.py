"""The sample company that the project ships, 30 business accounts, with a health score for each of its last days.

It stands beside the sample shop in one database. Its accounts buy nothing at the shop, so they have no features to
speak of and no probability; the shop's households have no deals, tickets or activity, so they have no health score.
"""

import datetime as dt
import json
from pathlib import Path
from typing import Any

from customers.commands import Advance
from customers.models import ImportFile
from healthscore import configurations, output, scoring
from healthscore.models import HealthAlert, HealthScore

__all__ = ["FOLDER", "PREFIX", "accounts_to_call", "first_score", "load", "score"]

FOLDER = Path(__file__).resolve().parent.parent / "demo" / "company"
KINDS = ("customers", "sales", "support", "activity")
PREFIX = "CUST"
DAYS_LOOKED_BACK = 90
N_SHOWN = 5


def load(*, advance: Advance) -> None:
    """Import the files, and make the configuration that knows the company's features the active one."""
    from customers.ingest import load_file

    for kind in KINDS:
        path = FOLDER / f"{kind}.csv"
        if not ImportFile.objects.filter(kind=kind, name=path.name, state=ImportFile.State.DONE).exists():
            load_file(path=path, kind=kind, source=ImportFile.Source.COMMAND, advance=advance)
    document = json.loads((FOLDER / "health.json").read_text())
    version = configurations.save(document=document, user=None, note="demo/company")
    if not version.is_active:
        configurations.activate(version, user=None)


def first_score(today: dt.date) -> dt.date:
    """The first date that is scored: far enough back for a trend."""
    return today - dt.timedelta(days=DAYS_LOOKED_BACK)


def score(*, since: dt.date, as_of: dt.date, advance: Advance) -> None:
    """Score every day from `since` to `as_of`, unless each of them is scored."""
    scored = HealthScore.objects.filter(as_of__gte=since, as_of__lte=as_of).values("as_of").distinct().count()
    if scored <= (as_of - since).days:
        scoring.score(as_of=as_of, since=since, advance=advance)


def accounts_to_call(*, as_of: dt.date) -> list[dict[str, Any]]:
    """The accounts with the lowest scores: grade, what is wrong, and what to do first."""
    lowest = HealthScore.objects.filter(as_of=as_of).select_related("customer", "configuration").order_by("score", "pk")
    return [_account(row) for row in lowest[:N_SHOWN]]


def _account(row: HealthScore) -> dict[str, Any]:
    alerts = HealthAlert.objects.filter(customer=row.customer).exclude(state=HealthAlert.State.CLOSED)
    figures = alerts.values("code", "severity", "value", "threshold", "detail")
    told = output.customer_document(row, [dict(alert) for alert in figures], row.configuration.configuration)
    return {
        "customer_id": told["customer_id"],
        "name": told["customer_name"],
        "score": float(row.score),
        "grade": row.get_grade_display(),
        "alerts": [alert["message"] for alert in told["alerts"]],
        "next": told["recommendations"][0],
    }
