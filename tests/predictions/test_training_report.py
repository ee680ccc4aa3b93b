"""The page about a model, in the language that it is written in."""

import pytest
from django.utils.translation import override

from predictions import training_report
from predictions.modelling.remarks import remark

from .model_rows import make_model

pytestmark = pytest.mark.django_db


def measured(loss: float) -> dict:
    return {name: {"value": loss, "low": loss - 0.1, "high": loss + 0.1} for name in training_report.names()}


@pytest.fixture
def model():
    drops = [
        {"feature": "vip_level", "reason": remark("constant")},
        {"feature": "region", "reason": remark("constant")},
        {"feature": "gender", "reason": "an old sentence"},
    ]
    return make_model(
        kind="blend",
        metrics=measured(0.5),
        baselines={"worst": measured(0.75), "better": measured(0.625)},
        warnings=[remark("leak", feature="vip_level", auc=0.95)],
        data={
            "not_promoted": remark("calibration", ece=0.08, limit=0.05),
            "rows": 12345,
            "splits": {"train": ["2017-01-01", "2017-05-01"], "test": ["2017-09-01"]},
            "rows_by_slice": {"train": 12000, "test": 345},
        },
        parameters={"half_life_days": None, "calibration": "platt"},
        analysis={name: {"x": 0.5} for name in ("gain", "permutation", "stability", "single_auc")} | {"drops": drops},
    )


def page(model, language: str) -> str:
    with override(language):
        return training_report.write(model).read_text(encoding="utf-8")


def test_the_report_says_warnings_and_refusal_in_its_language(model):
    english, chinese = page(model, "en"), page(model, "zh-hans")
    assert "Possible leak: vip_level alone has a ROC AUC of 0.950." in english
    assert "Its calibration error of 0.080 is above 0.05." in english
    assert '<html lang="zh-hans">' in chinese
    for sentence in ("Possible leak", "Its calibration error", "Never changes", "training<"):
        assert sentence.lower() in english.lower()
        assert sentence not in chinese


def test_candidates_stand_in_the_order_of_their_log_loss_after_the_chosen_one(model):
    text = page(model, "en")
    assert text.index("<td>blend</td>") < text.index("<td>better</td>") < text.index("<td>worst</td>")


def test_features_that_could_go_are_told_once_a_reason(model):
    text = page(model, "en")
    assert "<strong>Never changes</strong>: vip_level, region" in text
    assert "<strong>An old sentence</strong>: gender" in text


def test_numbers_are_grouped_and_nothing_is_called_none(model):
    text = page(model, "en")
    assert "12,345 rows" in text
    assert "12,000" in text
    assert "None" not in text
