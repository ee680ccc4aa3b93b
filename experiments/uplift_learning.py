"""Learn from a finished experiment whom its measure helps: features as they were at enrolment, outcomes as they came.

Two questions for each treated arm: who stays because of it, and who spends more. The models of the first are kept where
they have a signal, as LightGBM's text and JSON with a signed manifest; the daily list rests on them.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from customers.commands import Advance, Refused
from customers.sentences import gettext as _
from experiments.erased import known
from experiments.models import Arm, Assignment, Experiment, Outcome, UpliftStudy
from experiments.uplift.learners import LEARNERS, Learner
from experiments.uplift.study import Options, Study, study
from experiments.uplift.trial import Trial, folds_of
from experiments.uplift.verdict import NO_SIGNAL, RISK_DOES, SIGNAL, TOO_FEW
from predictions import artifacts, snapshots
from predictions.features.catalogue import LABELS, NAMES
from predictions.modelling.encoding import Encoding

__all__ = ["AMOUNT", "CHURN", "Learned", "check", "learn", "load"]

CHURN, AMOUNT = "churn", "amount"
ENDED = (Experiment.State.STOPPED, Experiment.State.COMPLETED, Experiment.State.ARCHIVED)
ROWS = {
    "customer_pk": pl.Int64,
    "customer_id": pl.String,
    "arm": pl.Int64,
    "enrolled_on": pl.Date,
    "risk": pl.Float64,
    "stayed": pl.Boolean,
    "amount": pl.Float64,
}


@dataclass(frozen=True)
class Learned:
    """The kept models of a study by the arms' primary keys, and below which effect each is known to harm."""

    encoding: Encoding
    models: Mapping[int, Learner]
    harm: Mapping[int, float | None]


def learn(
    experiment: Experiment,
    *,
    as_of: dt.date,
    user: Any = None,
    options: Options | None = None,
    advance: Advance | None = None,
) -> UpliftStudy:
    """The study of the experiment's outcomes as they stand; the same outcomes give the row that is there.

    Raises Refused unless the experiment has ended and every outcome is known.
    """
    check(experiment)
    rows = _rows(experiment)
    digest = _digest(rows)
    found = experiment.uplift_studies.filter(digest=digest).first()
    if found is not None:
        return found
    frame = _with_features(rows, advance or Advance())
    encoding = Encoding.fit(frame, names=NAMES, labels=LABELS)
    answers = _answers(experiment, frame, encoding, options, advance or Advance())
    path, signature = _keep(experiment, digest, encoding, answers)
    made, _created = UpliftStudy.objects.get_or_create(
        experiment=experiment,
        digest=digest,
        defaults={
            "as_of": as_of,
            "code": _best([studies[CHURN].question.code for studies in answers.values()]),
            "document": {"arms": [_told(arm, studies) for arm, studies in answers.items()]},
            "path": path,
            "signature": signature,
            "made_by": user,
        },
    )
    return made


def load(found: UpliftStudy) -> Learned:
    """The models of a study, their files verified first; raises artifacts.Damaged."""
    files = artifacts.read(folder=found.path, signature=found.signature)
    described = json.loads(files["uplift.json"])
    arms = {int(pk): one for pk, one in described["arms"].items()}
    models = {pk: LEARNERS[one["learner"]].from_files(_of_arm(files, pk)) for pk, one in arms.items()}
    return Learned(
        encoding=Encoding.from_document(described["encoding"]),
        models=models,
        harm={pk: one["harm"] for pk, one in arms.items()},
    )


def check(experiment: Experiment) -> None:
    """Raise Refused, with the reason, where it cannot be learned from yet."""
    facts = {"name": experiment.name, "state": experiment.get_state_display()}
    if experiment.state not in ENDED:
        raise Refused(_("“%(name)s” is %(state)s; whom it helps is learned once it has ended.") % facts)
    waiting = known(experiment.assignments.filter(outcome=None))
    if waiting.exists():
        raise Refused(
            _("Of %(n)s customers of “%(name)s” the outcome is not known yet.") % {**facts, "n": waiting.count()}
        )
    if not experiment.assignments.exists():
        raise Refused(_("Nobody is in “%(name)s”.") % facts)


def _rows(experiment: Experiment) -> pl.DataFrame:
    """Everybody enrolled, by customer: arm, date, churn probability then, and outcome."""
    columns = (
        "customer",
        "customer__customer_id",
        "arm",
        "enrolled_on",
        "probability",
        "outcome__status",
        "outcome__amount",
    )
    found = known(Assignment.objects.filter(experiment=experiment)).order_by("customer").values_list(*columns)
    stream = found.iterator(chunk_size=20_000)
    rows = [
        (pk, name, arm, day, float(risk), status == Outcome.Status.RETAINED, float(amount))
        for pk, name, arm, day, risk, status, amount in stream
    ]
    return pl.DataFrame(rows, schema=ROWS, orient="row")


def _digest(rows: pl.DataFrame) -> str:
    described = f"{snapshots.catalogue_version()} {rows.write_csv()}"
    return hashlib.sha256(described.encode()).hexdigest()


def _with_features(rows: pl.DataFrame, advance: Advance) -> pl.DataFrame:
    """The rows with the features as of each one's enrolment; refused where a customer has none."""
    dates = rows["enrolled_on"].unique().sort().to_list()
    parts = [
        rows.filter(pl.col("enrolled_on") == day).join(frame.select("customer_pk", *NAMES), on="customer_pk")
        for day, frame in snapshots.features_at(as_of_dates=dates, advance=advance)
    ]
    frame = pl.concat(parts).sort("customer_pk")
    if frame.height < rows.height:
        raise Refused(_("Of %(n)s customers the features at enrolment are gone.") % {"n": rows.height - frame.height})
    return frame


def _answers(
    experiment: Experiment, frame: pl.DataFrame, encoding: Encoding, options: Options | None, advance: Advance
) -> dict[Arm, dict[str, Study]]:
    control, *treated = experiment.arms.order_by("position")
    answers: dict[Arm, dict[str, Study]] = {}
    for done, arm in enumerate(treated, start=1):
        both = frame.filter(pl.col("arm").is_in([arm.pk, control.pk]))
        share = float(arm.share / (arm.share + control.share))
        answers[arm] = {
            name: study(_trial(both, encoding, outcome, arm, share), name=name, encoding=encoding, options=options)
            for name, outcome in ((CHURN, "stayed"), (AMOUNT, "amount"))
        }
        advance(_("Learning"), done, len(treated))
    return answers


def _trial(frame: pl.DataFrame, encoding: Encoding, outcome: str, arm: Arm, share: float) -> Trial:
    return Trial(
        matrix=encoding.matrix(frame),
        outcome=frame[outcome].cast(pl.Float64).to_numpy(),
        treated=(frame["arm"] == arm.pk).to_numpy(),
        folds=folds_of(frame["customer_id"].to_list()),
        propensity=share,
        risk=frame["risk"].to_numpy(),
    )


def _keep(
    experiment: Experiment, digest: str, encoding: Encoding, answers: Mapping[Arm, Mapping[str, Study]]
) -> tuple[str, str]:
    """Store the models that have a signal; two blanks where none has."""
    kept = {arm.pk: studies[CHURN] for arm, studies in answers.items() if studies[CHURN].question.code == SIGNAL}
    if not kept:
        return "", ""
    files = {
        f"arm{pk}-{name}": text for pk, one in kept.items() if one.model for name, text in one.model.files().items()
    }
    arms = {str(pk): {"learner": one.question.learner, "harm": _threshold(one)} for pk, one in kept.items()}
    files["uplift.json"] = json.dumps({"encoding": encoding.document(), "arms": arms}, sort_keys=True)
    folder = f"uplift/{experiment.pk}-{digest[:12]}"
    return folder, artifacts.write(folder=folder, files=files)


def _threshold(one: Study) -> float | None:
    return one.question.harm.threshold if one.question.harm else None


def _of_arm(files: Mapping[str, str], pk: int) -> dict[str, str]:
    start = f"arm{pk}-"
    return {name.removeprefix(start): text for name, text in files.items() if name.startswith(start)}


def _told(arm: Arm, studies: Mapping[str, Study]) -> dict[str, Any]:
    return {"arm": arm.name, "questions": [one.question.document() for one in studies.values()]}


def _best(codes: Sequence[str]) -> str:
    return min(codes, key=(SIGNAL, RISK_DOES, NO_SIGNAL, TOO_FEW).index)
