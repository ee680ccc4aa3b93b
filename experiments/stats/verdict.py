"""One verdict on the table: a code, and a sentence in Chinese and in English with the figures of every arm."""

from collections.abc import Sequence
from dataclasses import dataclass

from experiments.stats import sentences
from experiments.stats.comparison import Comparison
from experiments.stats.findings import Code, Finding, find
from experiments.stats.options import Arm, Options
from experiments.stats.sample_ratio import SampleRatio

__all__ = ["Verdict", "give_verdict"]


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """`findings` has one for each arm beside the control, in their order, also where the sample ratio is off."""

    code: Code
    zh: str
    en: str
    findings: tuple[Finding, ...]


def give_verdict(
    arms: Sequence[Arm], comparisons: Sequence[Comparison], *, ratio: SampleRatio, options: Options
) -> Verdict:
    """A faulty sample ratio stops everything; then a better arm counts before a worse one."""
    findings = _findings(arms, comparisons, options)
    if ratio.is_flagged:
        zh, en = sentences.sample_ratio(arms, ratio)
        return Verdict(code=Code.SAMPLE_RATIO, zh=zh, en=en, findings=findings)
    zh, en = sentences.of_findings(findings, options)
    return Verdict(code=_first(findings), zh=zh, en=en, findings=findings)


def _findings(arms: Sequence[Arm], comparisons: Sequence[Comparison], options: Options) -> tuple[Finding, ...]:
    control, n_table = arms[0].outcome, sum(arm.outcome.n for arm in arms)
    return tuple(
        find(comparison=comparison, control=control, arm=arm.outcome, n_table=n_table, options=options)
        for comparison, arm in zip(comparisons, arms[1:], strict=True)
    )


def _first(findings: Sequence[Finding]) -> Code:
    codes = {finding.code for finding in findings}
    return next((code for code in (Code.EFFECTIVE, Code.HARMFUL) if code in codes), Code.INCONCLUSIVE)
