"""Learning from a finished experiment, and the files that it leaves."""

import datetime as dt
from pathlib import Path

import pytest

from customers.commands import Refused
from experiments.models import UpliftStudy
from experiments.uplift_learning import learn, load
from predictions import snapshots
from predictions.artifacts import Damaged
from tests.experiments.factories import DAY, running
from tests.experiments.uplift_rows import QUICK, finished

pytestmark = pytest.mark.django_db
LATER = DAY + dt.timedelta(days=30)


def study(**values) -> UpliftStudy:
    return learn(finished(**values), as_of=LATER, options=QUICK)


def test_a_measure_that_helps_some_and_harms_others_has_a_signal_and_both_outcomes_are_answered():
    found = study()
    (arm,) = found.document["arms"]
    churn, amount = arm["questions"]
    assert (found.code, arm["arm"], churn["name"], churn["code"]) == ("signal", "coupon", "churn", "signal")
    assert (amount["name"], amount["code"], amount["is_share"]) == ("amount", "no_signal", False)
    assert next(iter(churn["importance"])) == "region"
    assert churn["harm"]["observed"]["high"] < 0


def test_no_effect_leaves_no_model():
    found = study(effect=0)
    assert (found.code, found.path, found.signature) == ("no_signal", "", "")


def test_a_small_experiment_is_said_to_be_too_small():
    assert study(n=60).code == "too_few"


def test_the_same_outcomes_make_one_study():
    experiment = finished()
    one, other = (learn(experiment, as_of=LATER, options=QUICK) for _ in range(2))
    assert (one.pk, UpliftStudy.objects.count()) == (other.pk, 1)


def test_a_corrected_outcome_makes_another_study():
    experiment = finished(n=60)
    learn(experiment, as_of=LATER, options=QUICK)
    corrected = experiment.assignments.first().outcome
    corrected.amount += 1
    corrected.save()
    learn(experiment, as_of=LATER, options=QUICK)
    assert UpliftStudy.objects.count() == 2


def test_an_experiment_that_runs_is_not_learned_from():
    with pytest.raises(Refused, match="learned once it has ended"):
        learn(running(), as_of=LATER)


def test_outcomes_that_are_not_known_are_waited_for():
    experiment = finished(n=60)
    experiment.assignments.first().outcome.delete()
    with pytest.raises(Refused, match="Of 1 customers"):
        learn(experiment, as_of=LATER)


def test_the_kept_model_answers_after_it_is_read_again():
    learned = load(study())
    ((_day, frame),) = snapshots.features_at(as_of_dates=[DAY])
    ((arm, model),) = learned.models.items()
    effect, north = model.effect(learned.encoding.matrix(frame)), (frame["region"] == "north").to_numpy()
    assert effect[north].mean() > 0.1
    assert effect[~north].mean() < -0.1
    assert learned.harm[arm] < 0


@pytest.mark.parametrize("name", ["uplift.json", "manifest.json", "signature-only"])
def test_a_damaged_model_is_refused(data_dir: Path, name: str):
    found = study()
    if name == "signature-only":
        found.signature = "0" * 64
    else:
        path = data_dir / found.path / name
        path.write_text(path.read_text().replace("0", "1", 1))
    with pytest.raises(Damaged):
        load(found)


def test_only_text_and_json_is_kept(data_dir: Path):
    found = study()
    assert {path.suffix for path in (data_dir / found.path).iterdir()} == {".txt", ".json", ""}
