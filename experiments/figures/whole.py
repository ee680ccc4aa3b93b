"""The whole report of an experiment, as plain JSON."""

from experiments.document import VERSION, Document, Verdict
from experiments.facts import Facts
from experiments.figures import effects, groups, setup, soundness, waiting, worth
from experiments.figures.setting import Setting
from experiments.models import Experiment
from experiments.stats import Analysis, Code

__all__ = ["whole"]

ENDED = (Experiment.State.STOPPED, Experiment.State.COMPLETED, Experiment.State.ARCHIVED)


def whole(experiment: Experiment, facts: Facts, *, is_final: bool = False) -> Document:
    """Every part from the same facts; the experiment has a control and at least one other arm."""
    setting = Setting(experiment, tuple(experiment.arms.order_by("position")), facts)
    analysis = effects.analysed(setting)
    return {
        "version": VERSION,
        "as_of": facts.as_of.isoformat(),
        "is_final": is_final,
        "experiment": setup.configuration(setting),
        "counts": setup.counts(setting),
        "verdict": _verdict(setting, analysis),
        "trust": "fixed" if _is_whole(setting) else "sequential",
        "churn": effects.churn(analysis),
        "srm": effects.sample_ratio(setting, analysis),
        "metrics": effects.metric_results(setting, experiment.secondary_metrics, more_is="good"),
        "guardrails": effects.metric_results(setting, experiment.guardrail_metrics, more_is="bad"),
        "balance": soundness.balance(setting),
        "contamination": soundness.contamination(setting),
        "compliers": groups.compliers(setting),
        "ghosts": groups.ghosts(setting),
        "subgroups": groups.subgroups(setting),
        "money": worth.worth(setting, analysis),
        "over_time": effects.over_time(setting),
    }


def _verdict(setting: Setting, analysis: Analysis) -> Verdict:
    """That of the statistics; before any outcome is known, when the first will be."""
    verdict = analysis.verdict
    if not setting.n_known and verdict.code == Code.INCONCLUSIVE:
        return waiting.verdict(setting)
    return {"code": verdict.code.value, "zh": verdict.zh, "en": verdict.en}


def _is_whole(setting: Setting) -> bool:
    """The one look that was planned: nobody is enrolled any more, and every outcome is known."""
    is_known = 0 < setting.n_enrolled == setting.n_known
    return setting.experiment.state in ENDED and is_known
