"""The report of an experiment, from real analyses: what is said first, what follows, how it was computed."""

import copy
import datetime as dt
import html
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from experiments import analysis, outcomes, states
from experiments.admin.guide import GUIDES
from experiments.admin.report.advice import advice
from experiments.admin.report.notes import NOTES, Notes
from experiments.models import Experiment, Listing
from tests.experiments.course import at, enter, stay, treat
from tests.experiments.factories import DAY, draft, running, scored

pytestmark = pytest.mark.django_db
LANGUAGES = ("en", "zh-hans")


@pytest.fixture(autouse=True)
def today(settings):
    settings.BUSINESS_DATE = DAY + dt.timedelta(days=9)


@pytest.fixture
def staff(client):
    client.force_login(User.objects.create_superuser("boss"))
    return client


def address(experiment, view: str = "report", **query) -> str:
    url = reverse(f"admin:experiments_experiment_{view}", args=[experiment.pk])
    return url + "".join(f"?{name}={value}" for name, value in query.items())


def page(client, url: str, language: str = "en") -> str:
    response = client.get(url, headers={"accept-language": language})
    assert response.status_code == 200
    return html.unescape(response.content.decode())


def lived(*, kept: dict[str, int], n: int = 60, shares=None, **values) -> Experiment:
    """A started experiment of two days with `n` customers an arm and day, of whom so many stayed."""
    experiment = running(shares=shares or {"control": "0.5", "coupon": "0.5"}, **values)
    treated = experiment.arms.filter(is_control=False).first()
    for days in (0, 1):
        on = DAY + dt.timedelta(days=days)
        for arm in experiment.arms.all():
            people = enter(experiment, arm.name, n, on=on)
            stay(people[: kept[arm.name]], on + dt.timedelta(days=2))
            treat(people[0], at(on))
            Listing.objects.bulk_create(
                Listing(
                    assignment=one,
                    arm=treated if arm.is_control else arm,
                    is_ghost=arm.is_control,
                    listed_on=on,
                )
                for one in people
            )
    return experiment


def analysed(experiment, days: int = 9):
    on = DAY + dt.timedelta(days=days)
    outcomes.track(experiment, as_of=on)
    return analysis.analyse(experiment, as_of=on)


def ended(experiment):
    states.complete(experiment, user=None, on=DAY + dt.timedelta(days=3))
    return experiment


GOOD = {"control": 20, "coupon": 45}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_verdict_in_the_readers_language_stands_first(staff, language):
    experiment = lived(kept=GOOD)
    made = analysed(experiment)
    text = page(staff, address(experiment), language)
    sentence = made.sentence_zh if language == "zh-hans" else made.sentence_en
    other = made.sentence_en if language == "zh-hans" else made.sentence_zh
    assert text.index(sentence) < text.index("<svg")
    assert other not in text


def test_every_figure_names_a_method_that_is_listed_at_the_foot(staff):
    experiment = lived(kept=GOOD)
    analysed(experiment)
    text = page(staff, address(experiment))
    used = set(re.findall(r'class="figured" tabindex="0" title="[^"]+" aria-describedby="note-(\w+)"', text))
    assert len(re.findall('class="figured"', text)) > 50
    assert used <= set(re.findall(r'<li id="note-(\w+)"', text))
    assert {"wilson", "difference", "relative", "z", "sequential", "bayes", "welch", "cuped", "balance"} <= used
    assert {"compliers", "ghosts", "subgroups", "money", "sample_ratio", "contamination", "needed", "holm"} <= used


def test_numbers_at_headings_lead_to_notes_in_order(staff):
    experiment = lived(kept=GOOD)
    analysed(experiment)
    text = page(staff, address(experiment))
    marks = dict(re.findall(r'<sup><a href="#note-(\w+)" title="[^"]*">(\d+)</a></sup>', text))
    listed = re.findall(r'<li id="note-(\w+)"', text)
    assert marks
    assert all(listed[int(number) - 1] == name for name, number in marks.items())


def test_each_section_is_there_once(staff):
    experiment = lived(kept=GOOD)
    analysed(experiment)
    text = page(staff, address(experiment))
    names = ("rates", "effects", "over-time", "money", "metrics", "guardrails", "reached", "subgroups")
    for name in (*names, "sample-ratio", "balance", "contamination", "facts", "notes"):
        assert text.count(f'id="{name}-title"') == 1, name


def test_figures_that_cannot_be_had_say_why_in_the_readers_language(staff):
    experiment = lived(kept={"control": 60, "coupon": 60})
    analysed(experiment)
    assert "nobody or everybody in the two arms had the event" in page(staff, address(experiment))
    assert "两组中无人或人人发生该事件" in page(staff, address(experiment), "zh-hans")


def test_before_the_first_outcomes_it_says_when_they_will_be(staff):
    experiment = running()
    enter(experiment, "control", 3)
    enter(experiment, "coupon", 20, on=DAY + dt.timedelta(days=1))
    analysis.analyse(experiment, as_of=DAY + dt.timedelta(days=2))
    text = page(staff, address(experiment))
    assert (
        "The first outcomes are known on March 9, 2026, those of everybody enrolled so far on March 10, 2026." in text
    )
    assert 'id="effects-title"' not in text


def test_an_experiment_that_was_never_analysed_says_so(staff):
    assert "Nobody is enrolled yet; outcomes are known 7 days after." in page(staff, address(running()))


def test_an_earlier_analysis_can_be_chosen(staff):
    experiment = lived(kept=GOOD)
    early, late = analysed(experiment, 7), analysed(experiment, 9)
    text = page(staff, address(experiment, analysis=early.pk))
    assert early.sentence_en in text
    assert f'<option value="{early.pk}" selected' in text
    assert f'<option value="{late.pk}">' in text


@pytest.mark.parametrize("wanted", ["99999999", "x", "-1"])
def test_an_analysis_that_is_not_there_is_not_found(staff, wanted):
    experiment = running()
    assert staff.get(address(experiment, analysis=wanted)).status_code == 404


def test_an_analysis_of_another_experiment_is_not_found(staff):
    other = running(layer="b")
    made = analysis.analyse(other, as_of=DAY)
    assert staff.get(address(running(), analysis=made.pk)).status_code == 404


def test_a_report_takes_as_many_queries_however_much_happened(staff):
    def n_queries(url: str) -> int:
        staff.get(url)
        with CaptureQueriesContext(connection) as queries:
            staff.get(url)
        return len(queries)

    small = lived(kept=GOOD, layer="a")
    analysed(small)
    large = lived(kept={"control": 100, "coupon": 200}, n=300, layer="b")
    for days in (7, 8, 9):
        analysed(large, days)
    assert n_queries(address(large)) == n_queries(address(small))


def test_who_may_not_see_analyses_sees_no_report(client):
    user = User.objects.create_user("clerk", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="view_experiment"))
    client.force_login(user)
    experiment = running()
    assert client.get(address(experiment)).status_code == 403
    assert client.get(address(experiment, "plan")).status_code == 200


def told(experiment) -> str:
    return " ".join(advice(experiment.analyses.first().document))


def test_a_clear_effect_at_the_planned_end_says_give_it_to_everybody():
    experiment = ended(lived(kept=GOOD))
    analysed(experiment)
    assert "It works. Give the measure to everybody eligible: coupon." in told(experiment)


def test_a_clear_effect_of_a_running_experiment_is_believed_by_the_always_valid_interval():
    experiment = lived(kept=GOOD)
    analysed(experiment)
    assert "The always-valid interval lies above 0" in told(experiment)


def test_an_effect_that_only_the_fixed_test_sees_is_not_acted_on_before_the_end():
    experiment = lived(kept={"control": 20, "coupon": 29})
    made = analysed(experiment)
    assert made.verdict == "effective"
    assert "not to be acted on yet" in told(experiment)


def test_harm_that_is_sure_says_stop():
    experiment = lived(kept={"control": 45, "coupon": 20})
    analysed(experiment)
    assert "Stop it" in told(experiment)


def test_a_small_experiment_without_a_result_is_to_be_repeated_larger():
    experiment = ended(lived(kept={"control": 20, "coupon": 22}))
    analysed(experiment)
    assert "too small to tell" in told(experiment)


def test_an_effect_worth_seeing_that_is_ruled_out_is_said():
    experiment = ended(lived(kept={"control": 100, "coupon": 100}, n=300, smallest_effect="0.2"))
    analysed(experiment)
    assert "An effect of 20.0 %, the smallest worth seeing, is ruled out" in told(experiment)


def test_groups_that_are_not_as_drawn_stop_the_verdict(staff):
    experiment = lived(kept=GOOD, shares={"control": "0.1", "coupon": "0.9"})
    analysed(experiment)
    assert "Do not decide by this experiment." in told(experiment)
    assert "no effect may be read from them" in page(staff, address(experiment))


def test_much_contamination_is_told():
    experiment = lived(kept={"control": 4, "coupon": 8}, n=10)
    analysed(experiment)
    assert "10.0 % of the control group were treated all the same" in told(experiment)


def test_a_guardrail_that_got_worse_is_told():
    experiment = lived(kept=GOOD)
    document = copy.deepcopy(analysed(experiment).document)
    document["guardrails"][0]["comparisons"][0]["is_worse"] = True
    assert "A guardrail got worse with coupon: complaints." in " ".join(advice(document))


def test_every_note_has_a_name_of_its_own_and_is_told():
    notes = Notes()
    for note in NOTES:
        assert str(note.text) in str(notes.mark("x", note.name)).replace("&#x27;", "'").replace("&lt;", "<")
    assert [note.name for _number, note in notes.listed] == [note.name for note in NOTES]
    assert len({note.name for note in NOTES}) == len(NOTES)


def test_markup_in_names_stays_text(staff):
    experiment = lived(kept={"control": 20, "<b>x</b>": 30}, shares={"control": "0.5", "<b>x</b>": "0.5"})
    analysed(experiment)
    assert "<b>x</b>" not in staff.get(address(experiment)).content.decode()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_plan_is_a_page_before_and_after_the_start(staff, language):
    scored([0.9] * 5)
    scored([0.9] * 9, as_of=DAY + dt.timedelta(days=2))
    for experiment in (draft(smallest_effect="0.3"), running(layer="b")):
        assert "<svg" in page(staff, address(experiment, "plan"), language)


def test_the_plan_answers_for_another_date(staff):
    scored([0.9] * 5)
    experiment = draft(smallest_effect="0.3")
    assert "enrolled by May 4, 2026" in page(staff, address(experiment, "plan", by="2026-05-04"))
    assert "Enter a valid date." in page(staff, address(experiment, "plan", by="soon"))


def test_the_plan_of_a_filter_that_cannot_be_says_so(staff):
    experiment = draft()
    experiment.conditions.create(attribute="shoe_size", values=["44"])
    scored([0.9])
    assert "“shoe_size” is no attribute" in page(staff, address(experiment, "plan"))


def test_the_guides_are_pages_with_places_to_link_to(staff):
    text = page(staff, reverse("admin:experiments_experiment_guide", args=["experiments"]))
    assert re.search(r'<h2 id="[\w-]+">', text)


@pytest.mark.parametrize("name", GUIDES)
@pytest.mark.parametrize(("language", "shown"), [("en", "en"), ("zh-hans", "zh-Hans")])
def test_each_guide_is_a_page_in_the_readers_language_whose_links_lead_somewhere(staff, name, language, shown):
    address_of_guide = reverse("admin:experiments_experiment_guide", args=[name])
    article = (
        page(staff, address_of_guide, language).partition('<article class="panel guide"')[2].partition("</article>")[0]
    )
    assert article.startswith(f' lang="{shown}"')
    assert bool(re.search("[\u4e00-\u9fff]{8}", article)) is (shown == "zh-Hans")
    targets = re.findall(r'href="([^"]*)"', article)
    within = {target.split("/")[1] for target in targets if target.startswith("../")}
    assert within <= set(GUIDES)
    assert not [target for target in targets if ".md" in target]


@pytest.mark.parametrize("name", GUIDES)
def test_the_chinese_guide_has_all_that_the_english_one_has(name):
    english, chinese = (Path(settings.BASE_DIR / "docs" / f"{name}{end}").read_text() for end in (".md", ".zh-CN.md"))
    for marks in (r"^#+ ", r"^\|", r"^```", r"^- ", r"^\d\. ", r"^    \S", r"^!\["):
        counts = [len(re.findall(marks, text, flags=re.MULTILINE)) for text in (english, chinese)]
        assert counts[0] == counts[1], (name, marks)


def test_another_file_is_no_guide(staff):
    assert staff.get(reverse("admin:experiments_experiment_guide", args=["operations"])).status_code == 404
