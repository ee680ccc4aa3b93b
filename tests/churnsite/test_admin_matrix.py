"""Who may open and do what in the admin: each role against each page, from the registry and the addresses.

The tables below say it by hand, as the table of roles does; a page, an address or an action that is new and stands in
none of them fails. Letters: M manager, D data engineer, A algorithm engineer, B backend engineer, S business staff.
"""

from dataclasses import dataclass

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from tests.test_outlets import CONTROL, NAMES, held, opened  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db
ROLES = {
    "M": "manager",
    "D": "data engineer",
    "A": "algorithm engineer",
    "B": "backend engineer",
    "S": "business staff",
}
ALL = "MDABS"


@dataclass(frozen=True, kw_only=True)
class Rule:
    """The letters of who may; what nobody may is blank."""

    see: str
    add: str = ""
    change: str = ""
    delete: str = ""


FACTS = Rule(see=ALL)
IN = Rule(see="MD", add="MD", change="MD", delete="MD")
COURSE = Rule(see="MABS")
HEALTH = Rule(see="MDS")
SCHEDULE = Rule(see="MDB", add="MDB", change="MDB", delete="MDB")
PEOPLE = Rule(see="M", add="M", change="M", delete="M")
PAGES: dict[str, Rule] = {
    **dict.fromkeys(
        (f"customers.{name}" for name in ["Customer", "Link", "Transaction", "Interaction", "Deal", "Ticket"]), FACTS
    ),
    "customers.Activity": FACTS,
    "customers.Suppression": FACTS,
    "customers.Intervention": Rule(see=ALL, add="MDS", change="MD"),
    "customers.Hold": Rule(see=ALL, add="MDS", change="MD"),
    "customers.ArchiveFile": Rule(see="MD"),
    "customers.ImportFile": Rule(see="MD", add="MD"),
    "customers.ImportProfile": IN,
    "customers.SetAsideRow": Rule(see="MD"),
    "customers.Job": Rule(see=ALL),  # their own
    "customers.Run": Rule(see="MDAB"),
    "customers.AuditEntry": Rule(see="M"),
    "customers.ErasureCertificate": Rule(see="M"),
    "customers.ApiKey": Rule(see="MDB", add="MDB", change="MDB"),
    "customers.Webhook": Rule(see="MDB", add="MDB", change="MDB", delete="MDB"),
    "customers.Delivery": Rule(see="MDB"),
    "axes.AccessAttempt": Rule(see="M", delete="M"),
    "otp_totp.TOTPDevice": Rule(see="M", delete="M"),
    "auth.User": PEOPLE,
    "auth.Group": PEOPLE,
    **{f"django_celery_beat.{name}Schedule": SCHEDULE for name in ("Interval", "Crontab", "Solar", "Clocked")},
    "django_celery_beat.PeriodicTask": SCHEDULE,
    "predictions.ModelVersion": Rule(see="MABS"),
    "predictions.Promotion": Rule(see="MABS"),
    "predictions.DailyQuality": Rule(see="MDAB"),
    "predictions.Drift": Rule(see="MDAB"),
    "predictions.FeatureSnapshot": Rule(see="MDAS"),
    "predictions.RiskToday": Rule(see=ALL),
    "predictions.Prediction": Rule(see=ALL),
    "healthscore.HealthAlert": HEALTH,
    "healthscore.ConfigurationVersion": HEALTH,
    "healthscore.Override": Rule(see="MDS", add="MDS"),
    "healthscore.HealthScore": HEALTH,
    "healthscore.NotScored": HEALTH,
    "experiments.Experiment": Rule(see="MABS", add="MAB", change="MAB", delete="MAB"),
    **{
        f"experiments.{name}": COURSE
        for name in ["Assignment", "Listing", "Outcome", "Analysis", "StateChange", "UpliftListing"]
    },
    "experiments.UpliftStudy": Rule(see="MABS", change="MAB"),
}
# Every other address of the admin; those of actions stand under the page's name.
ADDRESSES: dict[str, str] = {
    **dict.fromkeys(("index", "data_dictionary", "search", "jsi18n", "logout"), ALL),
    **dict.fromkeys(("password_change", "password_change_done"), ALL),
    "customers_customer_case": "MDS",
    **dict.fromkeys(["second_factor", "second_factor_enrol", "second_factor_put_away"], ALL),
    "customers_customer_export": ALL,
    "customers_customer_erase": "M",
    "customers_customer_erase_data": "M",
    "customers_customer_hand_out": "M",
    "customers_erasurecertificate_to_print": "M",
    "customers_customer_export_xlsx": ALL,
    "customers_intervention_export": ALL,
    "customers_intervention_export_xlsx": ALL,
    "customers_apikey_replace_key": "MDB",
    "customers_apikey_revoke_key": "MDB",
    "customers_webhook_send_test": "MDB",
    "customers_webhook_see_deliveries": "MDB",
    "customers_webhook_replace_secret": "MDB",
    "customers_setasiderow_mend": "MD",
    "customers_setasiderow_mend_row": "MD",
    "customers_setasiderow_export": "MD",
    "customers_setasiderow_export_xlsx": "MD",
    "customers_run_run_again": "MDAB",
    "auth_user_password_change": "M",
    "predictions_modelversion_promote": "MAB",
    "predictions_modelversion_promote_it": "MAB",
    "predictions_modelversion_roll_back": "MAB",
    "predictions_modelversion_roll_back_it": "MAB",
    "predictions_modelversion_report": "MABS",
    "predictions_risktoday_export": ALL,
    "predictions_risktoday_export_xlsx": ALL,
    "predictions_prediction_export": ALL,
    "predictions_prediction_export_xlsx": ALL,
    "healthscore_healthalert_acknowledge_one": "MDS",
    "healthscore_healthalert_close_one": "MDS",
    "healthscore_configurationversion_preview": "MDS",
    "healthscore_configurationversion_edit_active": "MD",
    "healthscore_configurationversion_edit_from": "MD",
    "healthscore_configurationversion_activate": "MD",
    "healthscore_override_end_now": "MDS",
    "healthscore_healthscore_portfolio": "MDS",
    "healthscore_healthscore_truth": "MDS",
    "healthscore_healthscore_disagreements": "MDS",
    "healthscore_healthscore_export": "MDS",
    "healthscore_healthscore_export_xlsx": "MDS",
    "experiments_experiment_plan": "MABS",
    "experiments_experiment_report": "MABS",
    "experiments_experiment_treatments": "MABS",
    "experiments_experiment_guide": ALL,
    **{f"experiments_experiment_{name}": "MAB" for name in ["start", "enrol_now", "analyse_now", "complete", "stop"]},
    **{f"experiments_experiment_{name}": "MAB" for name in ["finalise", "learn_uplift", "archive", "duplicate"]},
    "experiments_upliftstudy_make_list": "MAB",
    "experiments_upliftstudy_download_list": "MABS",
    "experiments_upliftstudy_download_list_xlsx": "MABS",
}
# Of no role: open to whoever has not logged in, or of what its query names, or of a row that belongs to one user.
OPEN = {"login", "view_on_site", "autocomplete", "app_list", "None"}
OWN_ROWS = {"customers_job_download", "healthscore_configurationversion_previewed"}
# A row that is nobody's own is seen by those who look after what runs.
OF_OTHERS = {"customers.Job": "MDAB"}
POST_ONLY = {"customers_customer_case"}
# Actions on chosen rows.
ACTIONS: dict[str, str] = {
    "customers.Delivery send_again": "MDB",
    "predictions.RiskToday assign_to_me": "MDS",
    "predictions.RiskToday release": "MDS",
    "predictions.RiskToday record_intervention": "MDS",
    "predictions.RiskToday export_chosen": ALL,
    "predictions.RiskToday export_chosen_xlsx": ALL,
    "healthscore.HealthAlert acknowledge": "MDS",
    "healthscore.HealthAlert close": "MDS",
    **{f"django_celery_beat.PeriodicTask {name}_tasks": "MDB" for name in ("enable", "disable", "toggle", "run")},
}
SEEN = {200, 301, 302, 404, 405}  # 302 and 404 where the row is in no state for it
STANDARD = {
    f"{model._meta.app_label}_{model._meta.model_name}_{view}"
    for model in admin.site._registry
    for view in ("changelist", "add", "change", "delete", "history")
}
OTHERS = sorted({name.removeprefix("admin:") for name in NAMES if name.startswith("admin:")} - STANDARD)


@pytest.fixture(params=sorted(ROLES), ids=ROLES.get)
def role(request, held, rf) -> tuple[str, User, Client]:  # noqa: F811
    """A letter, a member of that role's group, and its browser."""
    user = User.objects.create_user("member", is_staff=True)
    user.groups.add(Group.objects.get(name=ROLES[request.param]))
    browser = Client()
    browser.force_login(user)
    return request.param, User.objects.get(pk=user.pk), browser


def wrong(found: dict[str, bool], expected: dict[str, bool]) -> dict[str, bool]:
    """What is open though it should be closed (True), or closed though it should be open (False)."""
    return {name: found[name] for name in expected if found[name] != expected[name]}


def test_every_page_address_and_action_has_a_rule():
    assert {model._meta.label for model in admin.site._registry} == set(PAGES)
    assert [name for name in OTHERS if name not in {*ADDRESSES, *OPEN, *OWN_ROWS}] == []
    assert [name for name in ADDRESSES if name not in OTHERS] == []


def test_a_role_opens_the_lists_and_forms_that_are_its(role):
    letter, _user, browser = role
    found, expected = {}, {}
    for model, page in admin.site._registry.items():
        rule = PAGES[model._meta.label]
        for view, who in (("changelist", rule.see), ("add", rule.add)):
            address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{view}")
            status = browser.get(address).status_code
            assert status in (200, 302, 403), (page, view, status)
            found[address], expected[address] = status != 403, letter in who
    assert wrong(found, expected) == {}


def test_a_role_changes_and_deletes_what_is_its(role, rf):
    letter, user, _browser = role
    request = rf.get("/")
    request.user = user
    found, expected = {}, {}
    for model, page in admin.site._registry.items():
        rule, row = PAGES[model._meta.label], an_open_row(model)
        for what, who in (
            ("view", OF_OTHERS.get(model._meta.label, rule.see)),
            ("change", rule.change),
            ("delete", rule.delete),
        ):
            name = f"{model._meta.label} {what}"
            found[name] = bool(getattr(page, f"has_{what}_permission")(request, row))
            expected[name] = letter in who
    assert wrong(found, expected) == {}


def an_open_row(model: type[Model]) -> Model | None:
    """A row in the state in which it can be changed, where it has one."""
    made = {
        "experiments.Experiment": {"state": "draft"},
        "experiments.UpliftStudy": {"code": "signal"},
        "customers.Hold": {"kind": "opt_out"},
    }
    fields = made.get(model._meta.label)
    return model(**fields) if fields else model._default_manager.first()


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_role_opens_the_other_addresses_that_are_its(role, method):
    letter, _user, browser = role
    found, expected = {}, {}
    for name, who in ADDRESSES.items():
        if name in ("logout", "password_change") or (method == "get" and name in POST_ONLY):
            continue
        if method == "post" and letter in who:
            continue  # what is done by those who may, other tests see
        status = answer(browser, name, method)
        found[name], expected[name] = status != 403, letter in who
        assert status in (*SEEN, 403), (name, status)
    assert wrong(found, expected) == {}


def answer(browser: Client, name: str, method: str) -> int:
    if method == "get":
        return opened(browser, f"admin:{name}", CONTROL)[0]
    from tests.test_outlets import arguments

    browser.raise_request_exception = False
    return browser.post(reverse(f"admin:{name}", kwargs=arguments(f"admin:{name}", CONTROL))).status_code


def test_a_role_is_offered_the_actions_on_rows_that_are_its(role, rf):
    letter, user, _browser = role
    request = rf.get("/")
    request.user = user
    offered = {
        f"{model._meta.label} {name}"
        for model, page in admin.site._registry.items()
        for name in page.get_actions(request)
        if name != "delete_selected"
    }
    assert offered == {name for name, who in ACTIONS.items() if letter in who}


def test_business_staff_note_what_they_did_and_change_no_customer(held):  # noqa: F811
    user = User.objects.create_user("seller", is_staff=True)
    user.groups.add(Group.objects.get(name="business staff"))
    assert user.has_perms(["customers.add_intervention", "customers.add_casenote", "customers.add_hold"])
    assert not user.has_perm("customers.change_customer")
    assert not user.has_perm("customers.add_importfile")
