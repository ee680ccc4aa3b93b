"""Which model scores: champion and challengers, who promoted what when, and one step back."""

import logging
from typing import TYPE_CHECKING

from django.db import transaction

from customers.commands import Refused
from customers.sentences import gettext as _
from customers.sentences import joined
from predictions import artifacts
from predictions.artifacts import Damaged
from predictions.modelling.remarks import Remark, remark
from predictions.modelling.scorer import Scorer
from predictions.models import ModelVersion, Promotion
from predictions.remarks import said, said_all

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

__all__ = ["champion", "files", "last_good", "load", "promote", "roll_back"]

logger = logging.getLogger(__name__)
Role = ModelVersion.Role


def champion() -> ModelVersion | None:
    """The model that scores, if there is one."""
    return ModelVersion.objects.filter(role=Role.CHAMPION).first()


def files(model: ModelVersion) -> dict[str, str]:
    """The verified texts of a model; raises artifacts.Damaged."""
    return artifacts.read(folder=model.path, signature=model.signature)


def load(model: ModelVersion) -> Scorer:
    """A model ready to score, its files verified first; raises artifacts.Damaged."""
    return Scorer.from_files(files(model))


@transaction.atomic
def promote(
    *,
    model: ModelVersion,
    user: "AbstractBaseUser | None",
    reason: str = "",
    remark: Remark | None = None,
    is_rollback: bool = False,
) -> Promotion:
    """Make `model` the champion and the champion retired; its files are verified first.

    `reason` is what a person gave, `remark` what the promotion rule says.
    """
    list(ModelVersion.objects.select_for_update().order_by("pk").values_list("pk", flat=True))
    previous = champion()
    if previous is not None and previous.pk == model.pk:
        raise Refused(_("%(model)s is the champion already.") % {"model": model})
    try:
        load(model)
    except Damaged as error:
        raise Refused(said(error.remark)) from error
    ModelVersion.objects.filter(role=Role.CHAMPION).update(role=Role.RETIRED)
    ModelVersion.objects.filter(pk=model.pk).update(role=Role.CHAMPION)
    model.role = Role.CHAMPION
    return Promotion.objects.create(
        model=model,
        previous=previous,
        promoted_by=user,  # type: ignore[misc]
        reason=reason,
        remark=remark,
        is_rollback=is_rollback,
    )


def roll_back(*, user: "AbstractBaseUser | None", reason: str) -> Promotion:
    """Make the champion before this one the champion again."""
    current = champion()
    before = _before(current) if current else None
    if before is None:
        raise Refused(_("There is no earlier champion to go back to."))
    return promote(model=before, user=user, reason=reason, is_rollback=True)


def last_good() -> tuple[ModelVersion, Scorer, list[Remark]]:
    """The champion, or where its files are damaged the nearest earlier champion that loads, and what was wrong.

    Raises Refused where no model can score.
    """
    model = champion()
    if model is None:
        raise Refused(_("There is no champion model; train one first with: python manage.py train_model"))
    notes: list[Remark] = []
    tried: set[int] = set()
    while model is not None and model.pk not in tried:
        tried.add(model.pk)
        try:
            return model, load(model), notes
        except Damaged as error:
            logger.error("%s %s", model.version, error)
            notes.append(remark("refused", model=model.version, error=error.remark))
            model = _before(model, skip=tried)
    raise Refused(joined([*said_all(notes), _("No earlier champion can be loaded.")]))


def _before(model: ModelVersion, *, skip: set[int] | None = None) -> ModelVersion | None:
    """The champion that `model` took over from when it was first promoted; a roll-back does not count as an arrival."""
    arrivals = Promotion.objects.filter(model=model, is_rollback=False, previous__isnull=False).order_by("-pk")
    for arrival in arrivals.select_related("previous"):
        if arrival.previous is not None and arrival.previous.pk not in (skip or {model.pk}):
            return arrival.previous
    return None
