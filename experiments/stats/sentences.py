"""The words of a verdict, in Chinese and in English. Figures are rounded here, for reading, and nowhere else."""

from collections.abc import Sequence
from decimal import Decimal
from math import fsum

from experiments.stats.findings import Code, Finding, Missing
from experiments.stats.options import Arm, Options, Words
from experiments.stats.sample_ratio import SampleRatio

__all__ = ["of_findings", "sample_ratio"]

_EN = {
    Code.EFFECTIVE: "“{arm}” is effective: {rates}, {difference}, that is about {k} more {gain} per 1,000 customers",
    Code.HARMFUL: "“{arm}” is harmful: {rates}, {difference}, that is about {k} fewer {gain} per 1,000 customers",
    Code.INCONCLUSIVE: "no conclusion yet on “{arm}”: {rates}, {difference}, and {needed}",
}
_ZH = {
    Code.EFFECTIVE: "“{arm}”有效：{rates}，{difference}，每 1,000 位客户约多{gain}",
    Code.HARMFUL: "“{arm}”有害：{rates}，{difference}，每 1,000 位客户约少{gain}",
    Code.INCONCLUSIVE: "“{arm}”尚无结论：{rates}，{difference}，{needed}",
}
_NEEDED_EN = "about {n:,} more customers, over all arms at their present shares, would show a difference of this size"
_NEEDED_ZH = "各组比例不变，总共约再需 {n:,} 位客户才能证实这样大的差异"
_MISSING_EN = {
    Missing.EMPTY: "no conclusion yet on “{arm}”: it or the control “{control}” has no customer with a known outcome,"
    " so no number of customers still needed can be given",
    Missing.EQUAL: "no conclusion yet on “{arm}”: {rates}, no difference, so no number of customers still needed can be"
    " given",
    Missing.UNCONFIRMED: "no conclusion yet on “{arm}”: {rates}, {difference}, a large difference, but the counts"
    " are too small, or the arms too many, for a number of customers still needed to be given",
}
_MISSING_ZH = {
    Missing.EMPTY: "“{arm}”尚无结论：该组或对照组“{control}”没有结果已知的客户，无法给出还需多少客户",
    Missing.EQUAL: "“{arm}”尚无结论：{rates}，没有差异，无法给出还需多少客户",
    Missing.UNCONFIRMED: "“{arm}”尚无结论：{rates}，{difference}，差异虽大，但人数太少或组数太多，无法给出还需多少客户",
}


def of_findings(findings: Sequence[Finding], options: Options) -> tuple[str, str]:
    """Chinese, English: a clause for each arm."""
    is_adjusted = sum(finding.comparison.p_adjusted is not None for finding in findings) > 1
    zh = "；".join(_zh(finding, options, is_adjusted=is_adjusted) for finding in findings) + "。"
    en = "; ".join(_en(finding, options, is_adjusted=is_adjusted) for finding in findings) + "."
    return zh, en[0].upper() + en[1:]


def sample_ratio(arms: Sequence[Arm], ratio: SampleRatio) -> tuple[str, str]:
    """Chinese, English: the arms as they are beside what their shares say."""
    total, whole = sum(arm.enrolled for arm in arms), fsum(arm.share for arm in arms)
    sizes = [(arm.name, arm.enrolled, total * arm.share / whole) for arm in arms]
    zh = "、".join(f"“{name}” {seen:,} 位（应约 {hoped:,.0f} 位）" for name, seen, hoped in sizes)
    en = ", ".join(f"“{name}” has {seen:,} customers where about {hoped:,.0f} were due" for name, seen, hoped in sizes)
    p = _p(ratio.p_value)
    return (
        f"不下结论：各组人数与设定比例不符（{p}）：{zh}；请先查明分组或数据的差错。",
        f"No verdict: the sizes of the arms do not fit their shares ({p}): {en}; find out first what went wrong in the"
        " assignment or the data.",
    )


def _en(finding: Finding, options: Options, *, is_adjusted: bool) -> str:
    pattern = _MISSING_EN[finding.missing] if finding.missing else _EN[finding.code]
    return pattern.format(
        arm=finding.comparison.arm,
        control=finding.comparison.control,
        rates=_rates_en(finding, options.words),
        difference=_difference_en(finding, options.alpha, is_adjusted=is_adjusted),
        k=_per_thousand(finding),
        gain=options.words.gain_en,
        needed=_NEEDED_EN.format(n=finding.more_needed or 0),
    )


def _zh(finding: Finding, options: Options, *, is_adjusted: bool) -> str:
    pattern = _MISSING_ZH[finding.missing] if finding.missing else _ZH[finding.code]
    return pattern.format(
        arm=finding.comparison.arm,
        control=finding.comparison.control,
        rates=_rates_zh(finding, options.words),
        difference=_difference_zh(finding, options.alpha, is_adjusted=is_adjusted),
        gain=options.words.gain_zh.format(_per_thousand(finding)),
        needed=_NEEDED_ZH.format(n=finding.more_needed or 0),
    )


def _rates_en(finding: Finding, words: Words) -> str:
    if finding.missing == Missing.EMPTY:
        return ""
    arm, control = _points(finding.arm.rate), _points(finding.control.rate)
    return f"{arm}% {words.en}, against {control}% in “{finding.comparison.control}”"


def _rates_zh(finding: Finding, words: Words) -> str:
    if finding.missing == Missing.EMPTY:
        return ""
    arm, control = _points(finding.arm.rate), _points(finding.control.rate)
    return f"{arm}% 的客户{words.zh}，“{finding.comparison.control}”为 {control}%"


def _difference_en(finding: Finding, alpha: float, *, is_adjusted: bool) -> str:
    difference, interval = finding.comparison.difference, finding.comparison.interval
    if difference is None or interval is None:
        return ""
    side, p = "better" if difference > 0 else "worse", _p_of(finding)
    adjusted = ", adjusted for the number of arms" if is_adjusted else ""
    tested = f"; {p}{adjusted}" if p else ""
    return (
        f"{_points(abs(difference))} percentage points {side}"
        f" ({_level(alpha)}% interval {_points(interval[0])} to {_points(interval[1])}{tested})"
    )


def _difference_zh(finding: Finding, alpha: float, *, is_adjusted: bool) -> str:
    difference, interval = finding.comparison.difference, finding.comparison.interval
    if difference is None or interval is None:
        return ""
    side, p = "好" if difference > 0 else "差", _p_of(finding)
    tested = f"，{'按组数校正后 ' if is_adjusted else ''}{p}" if p else ""
    return (
        f"{side} {_points(abs(difference))} 个百分点"
        f"（{_level(alpha)}% 区间 {_points(interval[0])} 至 {_points(interval[1])}{tested}）"
    )


def _p_of(finding: Finding) -> str:
    return "" if finding.comparison.p_adjusted is None else _p(finding.comparison.p_adjusted)


def _p(p_value: float) -> str:
    return "p < 0.0001" if p_value < 0.0001 else f"p = {_digits(p_value, 2)}"


def _per_thousand(finding: Finding) -> str:
    return _digits(1000 * abs(finding.comparison.difference or 0.0), 2)


def _points(rate: float) -> str:
    """In percent, two decimals, more where they would show nothing."""
    return _digits(100 * rate, 2) if 0 < abs(rate) < 0.001 else f"{100 * rate:.2f}"


def _level(alpha: float) -> str:
    return f"{100 * (1 - alpha):.6g}"


def _digits(value: float, digits: int) -> str:
    """At least so many significant digits, never an exponent."""
    rounded = f"{value:.{digits}g}" if abs(value) < 10 ** (digits - 1) else f"{value:.0f}"
    return format(Decimal(rounded), ",f")
