"""The sample shop from empty tables to the list of who is about to leave."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rich.table import Table

from churnsite import sample
from churnsite.findings import MEASURES, document
from churnsite.management.commands.serve import migrate_if_needed
from churnsite.sample import Shop
from customers.commands import Advance
from customers.commands import Command as Base

COMPARED = ("roc_auc", "log_loss", "lift_top_decile", "accuracy")
MEASURE_TITLES = {
    "roc_auc": "ROC AUC",
    "pr_auc": "PR AUC",
    "log_loss": gettext_lazy("log loss"),
    "brier": "Brier",
    "ece": gettext_lazy("calibration error"),
    "lift_top_decile": gettext_lazy("lift, top tenth"),
    "accuracy": gettext_lazy("accuracy"),
}


class Command(Base):
    help = (
        "Loads the sample shop, trains, runs the daily job, and prints what it found. Needs no server; a second time "
        "it leaves what is done and prints the same."
    )
    example = "demo"
    # Before the first migration there are no tables for a check to look at.
    requires_system_checks: list[str] = []
    shop = Shop()

    def run(self, *, advance: Advance, **options: Any) -> dict[str, Any]:
        migrate_if_needed()
        sample.refuse_other_customers(self.shop)
        with sample.today_is(self.shop.today):
            sample.load(self.shop, advance=advance)
            report = sample.data_report(self.shop)
            run = sample.play(self.shop, advance=advance)
            found = document(shop=self.shop, run=run, report=str(report))
            return found | {"pinned_in": str(sample.pin_today(self.shop.today) or ""), "is_pinned": sample.is_pinned()}

    def report(self, result: dict[str, Any]) -> None:
        say = self.console.print
        say(data_table(result["data"]))
        say(model_table(result["model"]))
        say(rivals_table(result["model"]))
        for sentence in about(result["model"]):
            say(sentence)
        if result["forward"]:
            say(forward_table(result["forward"]))
        say(risk_table(result["at_risk"], day=result["today"]))
        say(experiment_told(result["experiment"]))
        if result["accounts"]:
            say(accounts_table(result["accounts"]))
        for sentence in where(result):
            say(sentence)


def data_table(data: dict[str, Any]) -> Table:
    table = Table(title=_("The data"), show_header=False, title_justify="left")
    table.add_row(_("Customers"), f"{data['customers']:,}")
    table.add_row(_("Transactions"), f"{data['transactions_online'] + data['transactions_archived']:,}")
    table.add_row(_("of these in the archive, past 180 days"), f"{data['transactions_archived']:,}")
    table.add_row(_("First and last day online"), f"{data['first_day']} – {data['last_day']}")
    table.add_row(_("Amount online"), f"{float(data['amount_online']):,.2f}")
    table.add_row(_("Buy nothing in the next 7 days, of those active"), _percent(data["base_rate"]))
    return table


def model_table(model: dict[str, Any]) -> Table:
    """Each measure of the newest model with its interval."""
    title = _("The model of {day}, on weeks that it did not see").format(day=model["as_of"])
    table = Table(title=title, title_justify="left")
    table.add_column(_("metric"))
    table.add_column(_("value (interval of 95 %)"), justify="right")
    measures = model["measures"][model["kind"]]
    for name in MEASURES:
        table.add_row(str(MEASURE_TITLES[name]), _cell(measures[name]))
    return table


def rivals_table(model: dict[str, Any]) -> Table:
    """The model first, then its rivals from the best to the worst."""
    table = Table(title=_("Against its rivals, on the same weeks"), title_justify="left")
    table.add_column(_("candidate"), no_wrap=True)
    for name in COMPARED:
        table.add_column(str(MEASURE_TITLES[name]), justify="right", no_wrap=name == "roc_auc")
    rivals = sorted(model["measures"].items(), key=lambda item: (item[0] != model["kind"], -_value(item[1]["roc_auc"])))
    for name, measures in rivals:
        first, *others = (measures[measure] for measure in COMPARED)
        style = "bold" if name == model["kind"] else None
        table.add_row(
            name, _cell(first), *(_cell({"value": (cell or {}).get("value")}) for cell in others), style=style
        )
    return table


def about(model: dict[str, Any]) -> list[str]:
    """What the figures rest on."""
    weeks = _("Trained on days up to {last}; measured on days from {first} to {end}; intervals by bootstrap.")
    sentences = [weeks.format(**model["weeks"])]
    if model["seen"] and model["unseen"]:
        groups = _("ROC AUC of customers seen in training {seen}, of customers never seen {unseen}.")
        sentences.append(groups.format(seen=_cell(model["seen"]), unseen=_cell(model["unseen"])))
    if model["not_promoted"]:
        stays = _("The champion is still {champion}, which scored the list below. Of the newer one: {reason}")
        sentences.append(stays.format(champion=model["champion"], reason=model["not_promoted"]))
    return [*sentences, *model["warnings"]]


def forward_table(weeks: list[dict[str, Any]]) -> Table:
    """The first model, week by week after it was made."""
    title = _("What became of the first model's predictions, made each week before the outcome")
    table = Table(title=title, title_justify="left")
    for column in (_("as of"), _("customers"), _("left"), "ROC AUC", str(MEASURE_TITLES["ece"])):
        table.add_column(column, justify="right")
    for week in weeks:
        metrics = week["metrics"]
        shown = (_cell(metrics.get("roc_auc")), _cell(metrics.get("ece")))
        table.add_row(week["as_of"], str(week["predictions"]), str(week["churned"]), *shown)
    return table


def risk_table(rows: list[dict[str, Any]], *, day: str) -> Table:
    title = _("The ten customers most at risk on {day}").format(day=day)
    table = Table(title=title, title_justify="left", show_lines=True)
    table.add_column(_("customer"))
    table.add_column(_("probability"), justify="right")
    table.add_column(_("risk"))
    table.add_column(_("why"))
    for row in rows:
        table.add_row(row["customer_id"], _percent(row["probability"]), row["risk"], "\n".join(row["reasons"]))
    return table


def accounts_table(rows: list[dict[str, Any]]) -> Table:
    """The accounts of the sample company that are worst off."""
    title = _("Beside the shop, a made-up company of 30 business accounts: those with the lowest health scores")
    table = Table(title=title, title_justify="left", show_lines=True)
    for heading in (_("account"), _("health"), _("grade"), _("why, and what to do")):
        table.add_column(heading)
    for row in rows:
        told = "\n".join([*row["alerts"], row["next"]])
        table.add_row(f"{row['customer_id']} {row['name']}", f"{row['score']:.2f}", row["grade"], told)
    return table


def experiment_told(experiment: dict[str, Any]) -> str:
    """What the finished experiment says, and why it should find nothing."""
    intro = _(
        "A finished experiment: {name}. {n} customers at risk were split in two halves, and nothing was sent to either."
    )
    return f"{intro.format(name=experiment['name'], n=experiment['enrolled'])} {experiment['sentence']}"


def where(result: dict[str, Any]) -> list[str]:
    """Where to look on."""
    sentences = [
        _("Data report: {path}").format(path=result["reports"]["data"]),
        _("Training report: {path}").format(path=result["reports"]["training"]),
        _("The admin: make serve, then http://127.0.0.1:8000/admin/"),
        _("An experiment with a measure that works, simulated: make simulation"),
    ]
    if result["is_pinned"]:
        pinned = _("For this database today is {day}, as {path} says; delete that file to unpin it.")
        return [*sentences, pinned.format(day=result["today"], path=result["pinned_in"])]
    unpinned = _("The sample ends in 2017: set BUSINESS_DATE={day} to see it as of that day.")
    return [*sentences, unpinned.format(day=result["today"])]


def _value(cell: dict[str, Any] | None) -> float:
    value = (cell or {}).get("value")
    return float(value) if value is not None else float("-inf")


def _cell(cell: Any) -> str:
    """A measure, and its interval where it has one."""
    if isinstance(cell, int | float):
        return f"{cell:.3f}"
    if not cell or cell.get("value") is None:
        return "–"
    interval = f" ({cell['low']:.3f}–{cell['high']:.3f})" if cell.get("low") is not None else ""
    return f"{cell['value']:.3f}{interval}"


def _percent(share: Any) -> str:
    return "–" if share is None else f"{float(share):.1%}"
