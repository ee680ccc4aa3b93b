"""Sentences that are kept with what they were made of are told again in any reader's language."""

import json

import pytest
from django.utils import translation

from customers import jobs, joining, sentences
from customers.admin import background
from customers.api.jobs import job_answer
from customers.commands import Refused
from customers.joining import listed
from customers.models import Job, Run, Step
from customers.sentences import gettext as _


def again(sentence: object, language: str = "zh-hans") -> str:
    """What was stored, read back and told in a language."""
    stored = json.loads(json.dumps(sentences.kept(sentence)))
    with translation.override(language):
        return sentences.told(stored)


def test_a_sentence_reads_like_djangos_own():
    assert _("There is no such customer.") == "There is no such customer."
    with translation.override("zh-hans"):
        assert _("There is no such customer.") == "没有这位客户。"


def test_its_facts_are_kept_with_it():
    assert again(_("%(model)s is the champion already.") % {"model": "m1"}) == "m1 已经是冠军模型。"


def test_facts_in_braces_are_kept_too():
    said = _("The copy of {path} differs from it; nothing was deleted.").format(path="a/b")
    assert said == "The copy of a/b differs from it; nothing was deleted."
    assert "a/b" in again(said)
    assert "copy" not in again(said)


def test_a_list_is_put_in_a_row_as_the_reader_does_it():
    said = _("A feature alone tells the outcome, which may be a leak: %(features)s.") % {"features": ["a", "b"]}
    assert said.endswith("a, b.")
    with translation.override("zh-hans"):
        assert listed(["a", "b"]) in again(said)


def test_a_sentence_within_a_sentence_is_told_as_well():
    inner = _("The model file %(path)s cannot be read.") % {"path": "x"}
    said = _("The model %(model)s was refused: %(error)s") % {"model": "m1", "error": inner}
    assert "cannot be read" in said
    assert "cannot" not in again(said)


def test_sentences_are_joined_without_a_space_in_chinese():
    with translation.override("zh-hans"):
        assert joining.running(["一。", "", "二。"]) == "一。二。"
    assert joining.running(["One.", "Two.", "Three."]) == "One. Two. Three."
    assert joining.running([]) == ""


def test_joined_sentences_are_kept_each_by_itself():
    said = sentences.joined([_("The note is empty."), _("There is no such customer.")])
    assert said == "The note is empty. There is no such customer."
    assert again(said).endswith("没有这位客户。")
    assert " " not in again(said)


def test_a_refusal_keeps_its_sentence_and_other_texts_keep_nothing():
    assert again(Refused(_("There is no such customer."))) == "没有这位客户。"
    assert sentences.kept(Refused("As it stands.")) is None
    assert sentences.kept(ValueError()) is None


@pytest.mark.parametrize("stored", [None, {}, {"text": "%(a)s", "facts": {}}, {"nothing": 1}])
def test_what_cannot_be_told_is_said_as_it_was_written(stored):
    assert sentences.told(stored, otherwise="as it was") == "as it was"


@jobs.background("tests.refused_in_our_words")
def refused(job) -> None:
    raise Refused(_("There is no such customer."))


@pytest.mark.django_db(transaction=True)
def test_a_job_that_was_refused_says_why_in_the_readers_language():
    with translation.override("en"):
        job = Job.objects.get(pk=jobs.start(refused).pk)
    assert (job.state, job.error, job.why) == ("failed", "There is no such customer.", "There is no such customer.")
    with translation.override("zh-hans"):
        assert background.told(job) == "没有这位客户。"
        answer = job_answer(job)
    assert (answer["result"], answer["error"]) == (None, "没有这位客户。")


@pytest.mark.parametrize("result", [None, {}, {"cause": None}])
def test_a_job_of_before_says_why_as_it_was_written(result):
    assert Job(state="failed", error="Too late.", result=result).why == "Too late."


def test_a_step_says_why_it_failed_in_the_readers_language():
    cause = sentences.kept(_("There is no such customer."))
    step = Step(run=Run(), state="failed", error="There is no such customer.", result={"cause": cause})
    with translation.override("zh-hans"):
        assert step.why == "没有这位客户。"
        assert Step(error="OperationalError: gone").why == "OperationalError: gone"
    assert Step(result={"cause": cause}).why == ""
