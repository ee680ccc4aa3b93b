"""What is stored as a code with figures, in the words of whoever reads it."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings
from django.utils.translation import override

from predictions import drift, outcomes, registry, scoring
from predictions.modelling.evaluation import evaluate
from predictions.modelling.remarks import remark
from predictions.models import DailyQuality, Promotion
from predictions.remarks import SENTENCES, said

from .model_rows import make_model
from .shops import AS_OF, open_shop

FIGURES = {
    **dict.fromkeys(("feature", "folder", "name", "path", "model", "error"), "x"),
    **dict.fromkeys(("auc", "ece", "limit", "promised", "difference", "low", "high"), 0.1),
    **dict.fromkeys(("least", "n_churned", "n_retained"), 3),
    "features": ["x", "y"],
}


@pytest.mark.parametrize("code", SENTENCES)
def test_every_remark_has_a_sentence_in_both_languages(code):
    told = {}
    for language in ("en", "zh-hans"):
        with override(language):
            told[language] = said(remark(code, **FIGURES))
    assert told["en"] != told["zh-hans"]
    assert re.search("[一-鿿]", told["zh-hans"])
    assert not any("%" in sentence or "{" in sentence for sentence in told.values())


def test_every_code_that_is_remarked_has_a_sentence_and_none_is_left_over():
    sources = [path.read_text() for path in (settings.BASE_DIR / "predictions").rglob("*.py")]
    written = {code for source in sources for code in re.findall(r'remark\(\s*f?"(\w+)[{"]', source)}
    assert written - set(SENTENCES) == {"few_in_"}
    unwritten = set(SENTENCES) - written
    assert unwritten <= {"few_in_train", "few_in_calibration", "few_in_test", "not_surely_better"}


def test_figures_lists_and_remarks_within_remarks_are_put_into_the_sentence():
    assert said(remark("calibration", ece=0.0612, limit=0.05)) == "Its calibration error of 0.061 is above 0.05."
    assert said(remark("leaks", features=["a", "b"])).endswith("a leak: a, b.")
    inner = remark("unreadable", path=str(Path("models/m")))
    assert said(remark("refused", model="m", error=inner)).endswith("The model file models/m cannot be read.")


def test_a_sentence_that_was_stored_before_there_were_codes_stays_as_it_is():
    assert said("Possible leak: a alone.") == "Possible leak: a alone."
    assert said("") == said(None) == ""


@pytest.mark.django_db
def test_a_models_warnings_and_its_refusal_are_read_in_the_readers_language():
    model = make_model(
        warnings=["An old sentence.", remark("leak", feature="vip_level", auc=0.95)],
        data={"not_promoted": remark("no_champion")},
    )
    assert model.told == ["An old sentence.", "Possible leak: vip_level alone has a ROC AUC of 0.950."]
    with override("zh-hans"):
        assert model.told[0] == "An old sentence."
        assert "vip_level" in model.told[1]
        assert model.told[1] != "Possible leak: vip_level alone has a ROC AUC of 0.950."
        assert model.why_not_promoted != "There was no champion."


@pytest.mark.django_db
def test_the_rule_promotes_with_a_remark_and_a_person_with_a_reason_as_typed():
    first, second = make_model("a"), make_model("b")
    by_rule = registry.promote(model=first, user=None, remark=remark("no_champion"))
    by_hand = registry.promote(model=second, user=None, reason="因为更好")
    assert (by_rule.reason, by_hand.remark) == ("", None)
    assert [one.why for one in Promotion.objects.order_by("pk")] == ["There was no champion.", "因为更好"]


@pytest.mark.django_db
def test_a_day_tells_its_warnings_and_why_a_measure_is_missing():
    day = DailyQuality(warnings=[remark("ece_above", ece=0.08, limit=0.05)], metrics={"reason": remark("one_class")})
    assert day.told[0] == "The calibration error 0.080 is above 0.05."
    assert len(day.told) == 2
    assert DailyQuality(metrics={"reason": ""}).told == []


@pytest.mark.django_db
def test_drift_notes_a_damaged_model_as_a_remark_that_can_be_stored(data_dir):
    open_shop()
    model = make_model("first")
    registry.promote(model=model, user=None)
    scoring.score(as_of=AS_OF)
    (data_dir / model.path / "scorer.json").unlink()
    [note] = json.loads(json.dumps(drift.measure(as_of=AS_OF)))["notes"]
    assert (note["code"], note["model"], note["error"]["code"]) == ("refused", "first", "unreadable")
    assert said(note).startswith("The model first was refused: The model file ")


@pytest.mark.django_db
def test_a_day_warns_by_code_where_its_whole_interval_is_on_the_wrong_side():
    random = np.random.default_rng(0)
    churned = random.random(600) < 0.4
    measured = evaluate(probability=random.uniform(0.7, 0.9, 600), churned=churned, customers=np.arange(600))
    model = make_model(metrics={"roc_auc": {"value": 0.8, "low": 0.78, "high": 0.82}})
    found = outcomes._warnings(measured, model, churned)
    assert [one["code"] for one in found] == ["auc_below", "ece_above"]
    assert said(found[0]).endswith("is below what the test weeks promised (0.780).")
