"""The form of a draft: the experiment, its arms, and whom it chooses; each mistake in a sentence beside its field."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from experiments import draft
from experiments.admin.fields import CheckboxesField, PercentField, ValuesField, as_percent
from experiments.models import Arm, Condition, Experiment
from experiments.models.configuration import GUARDRAILS, SECONDARY
from predictions.models import RiskLevel

__all__ = ["ArmForm", "ArmFormSet", "ConditionForm", "DraftForm"]

STRATUM_TITLES = (("risk_level", gettext_lazy("risk level")), ("customer_type", gettext_lazy("customer type")))


def _metrics(metrics: Any) -> list[tuple[str, Any]]:
    return [(metric.value, metric.label) for metric in metrics]


class DraftForm(forms.ModelForm):
    """Shares are asked for in percent, lists by ticking boxes."""

    min_probability = PercentField(
        label=gettext_lazy("lowest risk"),
        required=False,
        help_text=gettext_lazy("Customers at least this likely to leave are eligible; blank for no bound."),
    )
    risk_levels = CheckboxesField(
        label=gettext_lazy("risk levels"),
        choices=RiskLevel.choices,
        help_text=gettext_lazy("Only customers of these levels; none ticked means all."),
    )
    secondary_metrics = CheckboxesField(
        label=gettext_lazy("secondary metrics"),
        choices=_metrics(SECONDARY),
        help_text=gettext_lazy("Compared beside churn; more is good."),
    )
    guardrail_metrics = CheckboxesField(
        label=gettext_lazy("guardrail metrics"),
        choices=_metrics(GUARDRAILS),
        help_text=gettext_lazy("Must not get worse."),
    )
    strata = CheckboxesField(
        label=gettext_lazy("strata"), choices=STRATUM_TITLES, help_text=gettext_lazy("What makes a stratum.")
    )
    significance = PercentField(
        label=gettext_lazy("significance level"),
        least="0.1",
        most="20",
        help_text=gettext_lazy("How often a measure without effect may be called effective or harmful; 5 is usual."),
    )
    power = PercentField(
        label=gettext_lazy("power"),
        least="50",
        most="99",
        help_text=gettext_lazy(
            "How often the smallest effect worth seeing is to be found, if it is there; 80 is usual."
        ),
    )
    smallest_effect = PercentField(
        label=gettext_lazy("smallest effect worth seeing"),
        least="0.01",
        help_text=gettext_lazy("Of 100 customers who get the measure, how many more it has to keep to be worth it."),
    )

    class Meta:
        model = Experiment
        fields = draft.SETTINGS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.label = capfirst(str(field.label))

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        for field, sentence in draft.against_settings(given).items():
            self.add_error(field, sentence)
        return given


class ArmForm(forms.ModelForm):
    """One arm; the first is the control group, by its place alone."""

    share = PercentField(label=gettext_lazy("share"), least="0.0001")

    class Meta:
        model = Arm
        fields = ("name", "share", "measure")
        labels = {"measure": gettext_lazy("what is done")}

    def has_changed(self) -> bool:
        """The arms that the form proposes are kept although nobody changed them."""
        return super().has_changed() or not (self.instance.pk or self.empty_permitted)

    def clean_share(self) -> Decimal:
        share: Decimal = self.cleaned_data["share"]
        if sentence := draft.against_share(self.instance.is_control, share):
            raise ValidationError(sentence)
        return share


class ArmFormSet(forms.BaseInlineFormSet):
    """The arms of an experiment: one control group, at least one more, and shares that add up."""

    def _construct_form(self, i: int, **kwargs: Any) -> Any:
        form = super()._construct_form(i, **kwargs)  # type: ignore[misc]
        if form.instance.pk is None:
            form.instance.is_control = i == 0
            form.instance.position = self._free_position(i)
        if form.instance.is_control and "measure" in form.fields:  # it is not where the row is only read
            form.fields["measure"].disabled = True
            form.fields["measure"].widget.attrs["placeholder"] = _("nothing is done")
        return form

    def _free_position(self, i: int) -> int:
        taken = [arm.position for arm in self.get_queryset()]
        return i if not taken else max(taken) + 1 + i - len(taken)

    def validate_unique(self) -> None:
        """Said once; Django would say it of the rows and of a row."""
        kept = [form for form in self.forms if form not in self.deleted_forms and hasattr(form, "cleaned_data")]
        names = [form.cleaned_data["name"] for form in kept if form.cleaned_data.get("name")]
        if reasons := draft.against_names(names):
            raise ValidationError(reasons[0])

    def clean(self) -> None:
        super().clean()
        if any(self.errors):
            return
        kept = [form for form in self.forms if form not in self.deleted_forms and form.cleaned_data.get("name")]
        arms = [(form.instance.is_control, form.cleaned_data["share"]) for form in kept]
        if reasons := draft.against_arms(arms):
            raise ValidationError(reasons[0])
        total = sum((share for _is_control, share in arms), Decimal(0))
        if total != 1:
            raise ValidationError(_("The shares add up to %(total)s %%, not to 100 %%.") % {"total": as_percent(total)})


class ConditionForm(forms.ModelForm):
    """One condition; its values are checked against the attribute."""

    values = ValuesField(
        label=gettext_lazy("values"),
        required=False,
        help_text=gettext_lazy("Several with commas between them; a bound is a single value."),
    )

    class Meta:
        model = Condition
        fields = ("attribute", "operator", "values")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if {"attribute", "operator", "values"} <= set(given):
            facts = {name: given[name] for name in ("attribute", "operator", "values")}
            if sentence := draft.against_condition(**facts):
                self.add_error("values", sentence)
        return given
