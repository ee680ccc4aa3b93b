"""Customers of an experiment with everything that becomes of them, for tests of pages."""

import datetime as dt
from decimal import Decimal

from django.utils import timezone

from experiments.models import Analysis, Assignment, Experiment, Listing, Outcome, UpliftListing, UpliftStudy
from tests.experiments.factories import DAY, model, scored


def enrolled(experiment: Experiment, n: int, *, prefix: str = "C") -> list[Assignment]:
    """`n` customers in the arms by turns, listed, with an outcome each; and on a list by uplift."""
    arms = list(experiment.arms.all())
    rows = [
        Assignment(
            experiment=experiment,
            customer=one.customer,
            arm=arms[i % len(arms)],
            u=i / (n + 1),
            enrolled_on=DAY,
            probability=one.probability,
            risk_level=one.risk_level,
            model=model(),
            layer=experiment.layer,
            monthly_value=Decimal(120),
        )
        for i, one in enumerate(scored([0.8] * n, prefix=prefix))
    ]
    assignments = Assignment.objects.bulk_create(rows)
    Listing.objects.bulk_create(
        Listing(assignment=one, arm=arms[1], is_ghost=one.arm.is_control, listed_on=DAY) for one in assignments
    )
    Outcome.objects.bulk_create(
        Outcome(
            assignment=one,
            status="churned" if i % 3 else "retained",
            n_purchases=i % 3,
            amount=Decimal(i),
            n_active_days=1,
            n_complaints=0,
            n_unsubscribes=0,
            n_purchases_before=1,
            amount_before=Decimal(1),
            n_active_days_before=1,
            first_treated_at=timezone.now(),
        )
        for i, one in enumerate(assignments)
    )
    _by_uplift(experiment, assignments)
    return assignments


def _by_uplift(experiment: Experiment, people: list[Assignment]) -> None:
    facts = {"as_of": DAY, "code": "no_signal", "document": {"arms": []}}
    study, _created = UpliftStudy.objects.get_or_create(experiment=experiment, digest="d", defaults=facts)
    UpliftListing.objects.bulk_create(
        UpliftListing(study=study, customer_id=one.customer_id, listed_on=DAY, effect=-0.1) for one in people
    )


def analysed(experiment: Experiment, *, document: dict, days: int = 10, **values) -> Analysis:
    """A stored analysis that says what `document` says."""
    verdict = document.get("verdict", {"code": "inconclusive", "zh": "尚无结论。", "en": "No conclusion yet."})
    facts = {
        "as_of": DAY + dt.timedelta(days=days),
        "digest": f"{Analysis.objects.count():064}",
        "verdict": verdict["code"],
        "sentence_zh": verdict["zh"],
        "sentence_en": verdict["en"],
        "n_assigned": 100,
        "n_known": 90,
    }
    return Analysis.objects.create(experiment=experiment, document=document, **{**facts, **values})
