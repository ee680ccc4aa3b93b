"""How each figure of a report is computed: a note a method, told on hover and focus, and listed at the foot."""

from dataclasses import dataclass
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

__all__ = ["NOTES", "Note", "Notes"]


@dataclass(frozen=True, kw_only=True)
class Note:
    """`text` is for someone who knows statistics, `source` where the formula stands."""

    name: str
    text: Any
    source: str = ""

    @property
    def told(self) -> str:
        return f"{self.text} {self.source}".strip()


NOTES = (
    Note(
        name="count",
        text=_("A count by intention to treat: every customer in the arm drawn, whatever happened to it afterwards."),
    ),
    Note(
        name="wilson",
        text=_("Share of the customers with a known outcome; Wilson's score interval."),
        source="Wilson 1927, JASA 22.",
    ),
    Note(
        name="difference",
        text=_("Rate of the control group less rate of the arm; Newcombe's hybrid score interval, method 10."),
        source="Newcombe 1998, Statistics in Medicine 17.",
    ),
    Note(
        name="relative",
        text=_("Difference over the rate of the control group; the interval is that of the log risk ratio."),
        source="Katz et al. 1978, Biometrics 34.",
    ),
    Note(
        name="needed",
        text=_("How many customers get the measure for one more to stay: 1 over the difference."),
        source="Laupacis et al. 1988, NEJM 318.",
    ),
    Note(
        name="z",
        text=_(
            "Two-sided p of the pooled two-proportion z test, which is Pearson's chi-square without continuity "
            "correction."
        ),
        source="Pearson 1900.",
    ),
    Note(
        name="fisher",
        text=_("Two-sided p of Fisher's exact test, because an expected count is below 5."),
        source="Fisher 1935; Cochran 1954.",
    ),
    Note(
        name="holm",
        text=_("The p adjusted for there being several comparisons, after Holm."),
        source="Holm 1979, Scandinavian Journal of Statistics 6.",
    ),
    Note(
        name="sequential",
        text=_(
            "Always valid: a sequential probability ratio test with a normal mixture. It holds however often one looks."
        ),
        source="Robbins 1970; Johari, Koomen, Pekelis & Walsh 2022, Operations Research 70.",
    ),
    Note(
        name="bayes",
        text=_(
            "Beta(1, 1) priors: the probability that the arm's rate is below that of the control group, and how much "
            "worse it is on average where it is not."
        ),
        source="Gelman et al. 2013, Bayesian Data Analysis, ch. 2.",
    ),
    Note(
        name="welch",
        text=_("Mean of the arm less mean of the control group, a customer; Welch's t, two-sided."),
        source="Welch 1947, Biometrika 34.",
    ),
    Note(
        name="cuped",
        text=_(
            "The same, freed of what the customers did in the 20 days before (CUPED): the same effect on average, "
            "with less chance in it."
        ),
        source="Deng, Xu, Kohavi & Walker 2013, WSDM.",
    ),
    Note(
        name="sample_ratio",
        text=_("Chi-square of everybody enrolled against the shares; below 0.001 the verdict is stopped."),
        source="Fabijan et al. 2019, KDD.",
    ),
    Note(
        name="balance",
        text=_(
            "Standardised difference: of the means, over the root of the mean of both variances; notable beyond 0.1."
        ),
        source="Austin 2009, Statistics in Medicine 28.",
    ),
    Note(
        name="contamination",
        text=_(
            "Customers of the control group with a recorded measure in their observation days; they stay in every "
            "figure."
        ),
    ),
    Note(
        name="compliers",
        text=_(
            "The effect on those who are treated because of their arm: the difference over the difference in treatment "
            "(Wald); Fieller's interval."
        ),
        source="Imbens & Angrist 1994, Econometrica 62; Fieller 1954.",
    ),
    Note(
        name="ghosts",
        text=_(
            "Customers of the arm whose turn on the list came, against control customers whose turn would have come; "
            "Newcombe's interval and the same test."
        ),
        source="Johnson, Lewis & Nubbemeyer 2017, Journal of Marketing Research 54.",
    ),
    Note(
        name="subgroups",
        text=_(
            "Exploratory: the difference within the group with Newcombe's interval; p adjusted after Holm over every "
            "group."
        ),
        source="Newcombe 1998; Holm 1979.",
    ),
    Note(
        name="money",
        text=_(
            "Customers kept = difference × customers; net = kept × value of one − cost; the intervals carry that of "
            "the difference over, value and cost taken as known."
        ),
    ),
)
_BY_NAME = {note.name: note for note in NOTES}


class Notes:
    """The notes that a page uses, numbered in the order in which they are first met."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def figure(self, text: str, name: str, *, extra: str = "") -> SafeString:
        """A figure that says its method on hover and focus; `extra` stands before it, such as why there is none."""
        told = f"{extra}. {self._note(name).told}" if extra else self._note(name).told
        return format_html(
            '<span class="figured" tabindex="0" title="{}" aria-describedby="note-{}">{}</span>', told, name, text
        )

    def mark(self, text: Any, name: str) -> SafeString:
        """A heading with the number of its note behind it."""
        number = self._number(name)
        return format_html(
            '{}<sup><a href="#note-{}" title="{}">{}</a></sup>', text, name, self._note(name).told, number
        )

    @property
    def listed(self) -> list[tuple[int, Note]]:
        return [(number, self._note(name)) for name, number in self._numbers.items()]

    def _note(self, name: str) -> Note:
        self._number(name)
        return _BY_NAME[name]

    def _number(self, name: str) -> int:
        return self._numbers.setdefault(name, len(self._numbers) + 1)
