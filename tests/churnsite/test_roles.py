"""The roles of people: what the table says, what the groups grant, and that the migration makes them."""

from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import Group, Permission, User
from django.core.management import call_command
from django.db import connection
from django.utils import translation

from churnsite import role_groups, roles

MANAGER, DATA, ALGORITHM, BACKEND, BUSINESS = (
    "manager",
    "data engineer",
    "algorithm engineer",
    "backend engineer",
    "staff",
)
TECHNICAL = {DATA, ALGORITHM, BACKEND}
# The table, a line each: who has the right besides managers, who have all.
TABLE = {
    "read customers": TECHNICAL | {BUSINESS},
    "look after customers": {DATA, BUSINESS},
    "change customers": {DATA},
    "see features": {DATA, ALGORITHM, BUSINESS},
    "compute features": {DATA, ALGORITHM},
    "see models": {ALGORITHM, BACKEND, BUSINESS},
    "train models": {ALGORITHM},
    "promote models": {ALGORITHM, BACKEND},
    "predictions": TECHNICAL | {BUSINESS},
    "see experiments": {ALGORITHM, BACKEND, BUSINESS},
    "run experiments": {ALGORITHM, BACKEND},
    "see health": {DATA, BUSINESS},
    "configure health": {DATA},
    "settings": {DATA, BACKEND},
    "monitoring": TECHNICAL,
    "people": set(),
}
OURS = ("customers", "predictions", "healthscore", "experiments")
# What a machine alone writes or keeps, and nobody looks at.
FOR_NOBODY = {"customers.view_answer", "customers.view_event"}


def granted_by_migrations() -> dict[str, set[str]]:
    """What the migrations of roles grant, all together."""
    found: dict[str, set[str]] = {}
    for file in sorted((settings.BASE_DIR / "churnsite/migrations").glob("0*.py")):
        migration = import_module(f"churnsite.migrations.{file.stem}")
        for group, permissions in getattr(migration, "GRANTED", {}).items():
            found.setdefault(group, set()).update(permissions)
    return found


def everything() -> set[str]:
    return {f"{one.content_type.app_label}.{one.codename}" for one in Permission.objects.select_related("content_type")}


def test_each_right_belongs_to_the_roles_of_the_table():
    names = {role.name: role.name.replace("business staff", BUSINESS) for role in roles.ROLES}
    has = {right: {names[role.name] for role in roles.ROLES if right in role.rights} for right in roles.RIGHTS}
    assert has == {right: who | {MANAGER} for right, who in TABLE.items()}


def test_the_migrations_grant_what_is_declared():
    assert granted_by_migrations() == {role.name: set(roles.permissions(role)) for role in roles.ROLES}


@pytest.mark.django_db
def test_every_permission_that_is_declared_exists():
    assert {one for role in roles.ROLES for one in roles.permissions(role)} - everything() == set()


@pytest.mark.django_db
def test_every_table_of_ours_is_seen_and_every_right_of_its_own_is_had_by_somebody():
    verbs = ("add_", "change_", "delete_")
    ours = {one for one in everything() if one.split(".")[0] in OURS and not one.split(".")[1].startswith(verbs)}
    assert ours - {one for role in roles.ROLES for one in roles.permissions(role)} == FOR_NOBODY


@pytest.mark.django_db
def test_the_groups_are_there_with_their_permissions():
    for role in roles.ROLES:
        had = Group.objects.get(name=role.name).permissions.select_related("content_type")
        assert {f"{one.content_type.app_label}.{one.codename}" for one in had} == set(roles.permissions(role))


@pytest.mark.django_db
def test_a_member_of_a_group_may_what_the_role_may():
    user = User.objects.create_user("staff", is_staff=True)
    user.groups.add(Group.objects.get(name="business staff"))
    assert user.has_perm("customers.add_intervention")
    assert not user.has_perm("customers.change_customer")
    assert not user.has_perm("auth.view_user")


@pytest.mark.django_db
def test_making_the_groups_again_keeps_what_a_group_has_besides():
    group = Group.objects.get(name="business staff")
    extra = Permission.objects.get(codename="view_importfile")
    group.permissions.add(extra)
    n = group.permissions.count()
    role_groups.grant(apps, SimpleNamespace(connection=connection), granted=granted_by_migrations())
    assert Group.objects.filter(name="business staff").count() == 1
    assert group.permissions.count() == n
    assert extra in group.permissions.all()


@pytest.mark.django_db(transaction=True)
def test_the_migration_goes_back_and_forth_and_finds_permissions_that_are_not_made_yet():
    call_command("migrate", "churnsite", "0001", verbosity=0)
    assert not Group.objects.filter(name="manager").exists()
    Permission.objects.filter(codename="export_prediction").delete()
    call_command("migrate", "churnsite", verbosity=0)
    assert Group.objects.get(name="manager").permissions.filter(codename="export_prediction").exists()


def test_roles_are_called_by_their_title_and_other_groups_by_their_name():
    with translation.override("en"):
        assert roles.title("business staff") == "Business staff"
        assert roles.title("night shift") == "night shift"
