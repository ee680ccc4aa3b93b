"""Artifacts, promotion, roll-back, and going on with the last good champion."""

import json
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model

from customers.commands import Refused
from predictions import artifacts, registry
from predictions.models import ModelVersion, Promotion

from .model_rows import make_model

pytestmark = pytest.mark.django_db


@pytest.fixture
def user():
    return get_user_model().objects.create_user("ann")


def flip_a_byte(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))


@pytest.mark.parametrize("name", ["scorer.json", "manifest.json"])
def test_a_wrong_byte_is_refused_with_one_sentence(data_dir, name):
    model = make_model("a")
    flip_a_byte(data_dir / model.path / name)
    with pytest.raises(artifacts.Damaged) as told:
        registry.load(model)
    assert str(told.value).count(".") <= 3
    assert "\n" not in str(told.value)


def test_a_manifest_signed_with_another_key_is_refused(data_dir, settings):
    model = make_model("a")
    settings.SECRET_KEY = "another"
    with pytest.raises(artifacts.Damaged, match="signed"):
        registry.load(model)
    settings.SECRET_KEY_FALLBACKS = ["insecure-key-for-trying-things-out-with-debug-on"]


def test_a_file_swapped_with_its_manifest_is_refused_for_want_of_a_signature(data_dir):
    model = make_model("a")
    folder = data_dir / model.path
    text = (folder / "scorer.json").read_text().replace('"horizon_days": 7', '"horizon_days": 9')
    (folder / "scorer.json").write_text(text)
    (folder / "manifest.json").write_text(artifacts._manifest({"scorer.json": text}))
    with pytest.raises(artifacts.Damaged):
        registry.load(model)


def test_a_file_that_is_gone_is_refused(data_dir):
    model = make_model("a")
    (data_dir / model.path / "scorer.json").unlink()
    with pytest.raises(artifacts.Damaged, match="cannot be read"):
        registry.load(model)


def test_artifacts_are_text_and_json_only(data_dir):
    model = make_model("a")
    names = sorted(path.name for path in (data_dir / model.path).iterdir())
    assert names == ["manifest.json", "scorer.json", "signature"]
    json.loads((data_dir / model.path / "scorer.json").read_text())


def test_promotion_keeps_who_and_why_and_retires_the_champion(user):
    first, second = make_model("a"), make_model("b")
    registry.promote(model=first, user=None, reason="first")
    made = registry.promote(model=second, user=user, reason="better")
    assert (made.previous, made.promoted_by, made.reason) == (first, user, "better")
    assert registry.champion() == second
    assert ModelVersion.objects.get(pk=first.pk).role == "retired"


def test_roll_back_goes_to_the_champion_before_and_a_second_one_further(user):
    models = [make_model(name) for name in "abc"]
    for model in models:
        registry.promote(model=model, user=None, reason="")
    assert registry.roll_back(user=user, reason="worse").model == models[1]
    made = registry.roll_back(user=user, reason="worse still")
    assert (made.model, made.is_rollback, made.promoted_by) == (models[0], True, user)
    with pytest.raises(Refused, match="no earlier champion"):
        registry.roll_back(user=user, reason="")
    assert Promotion.objects.count() == 5


def test_a_damaged_model_is_not_promoted(data_dir):
    model = make_model("a")
    flip_a_byte(data_dir / model.path / "scorer.json")
    with pytest.raises(Refused):
        registry.promote(model=model, user=None, reason="")
    assert registry.champion() is None


def test_a_damaged_champion_is_passed_over_for_the_last_good_one(data_dir):
    models = [make_model(name) for name in "abc"]
    for model in models:
        registry.promote(model=model, user=None, reason="")
    flip_a_byte(data_dir / models[2].path / "scorer.json")
    flip_a_byte(data_dir / models[1].path / "scorer.json")
    model, _scorer, notes = registry.last_good()
    assert model == models[0]
    assert len(notes) == 2
    assert registry.champion() == models[2]
