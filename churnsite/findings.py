"""What the demo found, as plain values: the data, the model against its rivals, and who is at risk."""

from typing import Any

from django.db.models import Count, Max, Min, Sum
from django.utils.translation import get_language

from churnsite import company
from churnsite.sample import EXPERIMENT, Shop
from customers import boundary
from customers.clock import business_zone
from customers.models import ArchiveFile, Customer, Run, Transaction
from experiments.models import Analysis
from predictions import registry
from predictions.models import DailyQuality, ModelVersion, Prediction

N_SHOWN = 10
N_REASONS = 3
MEASURES = ("roc_auc", "pr_auc", "log_loss", "brier", "ece", "lift_top_decile", "accuracy")


def document(*, shop: Shop, run: Run, report: str) -> dict[str, Any]:
    """All that is printed."""
    from predictions import training_report

    model = ModelVersion.objects.filter(as_of=shop.today).get()
    return {
        "today": shop.today.isoformat(),
        "run": run.state,
        "data": data_summary(base_rate=(model.metrics.get("base_rate") or {}).get("value")),
        "model": model_summary(model),
        "forward": forward(shop),
        "at_risk": at_risk(shop),
        "experiment": experiment(),
        "accounts": company.accounts_to_call(as_of=shop.today),
        "reports": {"data": report, "training": str(training_report.path_of(model))},
    }


def experiment() -> dict[str, Any]:
    """The finished experiment, in one sentence."""
    final = Analysis.objects.filter(experiment__name=EXPERIMENT, is_final=True).latest()
    sentence = final.sentence_zh if (get_language() or "").startswith("zh") else final.sentence_en
    return {"name": EXPERIMENT, "enrolled": final.n_assigned, "verdict": final.verdict, "sentence": sentence}


def data_summary(*, base_rate: float | None) -> dict[str, Any]:
    """Counts and spans of what is in the database, and of what went to the archive."""
    facts = Transaction.objects.aggregate(
        n=Count("id"), first=Min("occurred_at"), last=Max("occurred_at"), amount=Sum("amount")
    )
    archived = ArchiveFile.objects.filter(kind="transactions").aggregate(n=Sum("n_rows"), first=Min("month"))
    zone = business_zone()
    return {
        "customers": Customer.objects.exclude(customer_id__startswith=company.PREFIX).count(),
        "transactions_online": facts["n"],
        "transactions_archived": archived["n"] or 0,
        "first_month_archived": str(archived["first"] or ""),
        "first_day": str(facts["first"].astimezone(zone).date()) if facts["n"] else "",
        "last_day": str(facts["last"].astimezone(zone).date()) if facts["n"] else "",
        "amount_online": str(facts["amount"] or 0),
        "base_rate": base_rate,
    }


def model_summary(model: ModelVersion) -> dict[str, Any]:
    """The model's measures and its rivals', each with its interval, and on which weeks."""
    splits = model.data.get("splits", {})
    test = splits.get("test") or [""]
    known = [*splits.get("train", []), *splits.get("calibration", [])] or [""]
    everyone = {model.kind: model.metrics} | model.baselines
    return {
        "version": model.version,
        "as_of": str(model.as_of),
        "champion": str(registry.champion() or ""),
        "kind": model.kind,
        "role": model.role,
        "not_promoted": model.why_not_promoted,
        "measures": {
            name: {measure: metrics.get(measure) for measure in MEASURES} for name, metrics in everyone.items()
        },
        "warnings": model.told,
        "seen": (model.metrics.get("seen") or {}).get("roc_auc"),
        "unseen": (model.metrics.get("unseen") or {}).get("roc_auc"),
        "weeks": {"last": max(known), "first": min(test), "end": max(test)},
    }


def forward(shop: Shop) -> list[dict[str, Any]]:
    """How the first model did on each week after it was trained, once the outcomes were known."""
    rows = DailyQuality.objects.filter(model__as_of=shop.first_training).order_by("as_of")
    return [
        {"as_of": str(row.as_of), "predictions": row.n_predictions, "churned": row.n_churned, "metrics": row.metrics}
        for row in rows
    ]


def at_risk(shop: Shop) -> list[dict[str, Any]]:
    """Today's customers who may be treated by falling probability, with the reasons that push it up."""
    from predictions.explanations import reasons_for

    language = "zh" if (get_language() or "").startswith("zh") else "en"
    found = (
        Prediction.objects.filter(as_of=shop.today)
        .select_related("customer", "model")
        .order_by("-probability", "customer__customer_id")
    )
    return [
        {
            "customer_id": row.customer.customer_id,
            "probability": str(row.probability),
            "risk_level": row.risk_level,
            "risk": str(row.get_risk_level_display()),
            "reasons": [one["sentence"][language] for one in reasons_for(row) if one["contribution"] > 0][:N_REASONS],
        }
        for row in boundary.first(found, N_SHOWN, outlet="demo", on=shop.today)
    ]
