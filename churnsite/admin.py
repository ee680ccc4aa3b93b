"""Users, groups, schedules and runs: pages of other packages in this site's clothes."""

from functools import wraps
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, User
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _
from django_celery_beat import admin as beat
from django_celery_beat.models import ClockedSchedule, CrontabSchedule, IntervalSchedule, PeriodicTask, SolarSchedule
from unfold.admin import ModelAdmin, StackedInline
from unfold.decorators import action
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from churnsite import login_admin, permission_names, roles, schedule_words  # noqa: F401 - registers its pages
from churnsite.names import Names
from churnsite.steps import step_named
from customers.admin.confirm import ask
from customers.admin.runs import RunAdmin, StepInline
from customers.commands import Refused
from customers.joining import listed
from customers.models import Customer, Deal, Run, Step, UserScope
from customers.models.runs import State
from customers.shipped import ShippedText, ship, told
from customers.visibility import WORK_ON_ALL, check_sees_all

for model in (User, Group, PeriodicTask, IntervalSchedule, CrontabSchedule, SolarSchedule, ClockedSchedule, Run):
    admin.site.unregister(model)


class ScopeForm(forms.ModelForm):
    """The limits as text, a name a line, each of which has to be known: a typing error would hide everybody."""

    regions = Names(label=_("Regions"), known=Customer.objects.all, column="region")
    account_managers = Names(label=_("Account managers"), known=Deal.objects.all, column="account_manager")

    class Meta:
        model = UserScope
        fields = ("regions", "account_managers")


class ScopeInline(StackedInline):
    """Which customers the user sees; without it, all."""

    model = UserScope
    form = ScopeForm
    extra = 0
    verbose_name_plural = _("Which customers the user sees: all of them, or those within these limits")


@admin.register(User)
class UserAdmin(DjangoUserAdmin, ModelAdmin):
    inlines = (ScopeInline,)
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("username", "role_titles", "email", "first_name", "last_name", "is_active", "is_staff")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("groups")

    @admin.display(description=_("role"))
    def role_titles(self, user: User) -> str:
        return listed(roles.title(group.name) for group in user.groups.all()) or "–"

    def get_inlines(self, request: HttpRequest, obj: User | None) -> Any:
        return self.inlines if obj else ()

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Groups by the titles of the roles, permissions by what they allow."""
        field: Any = super().formfield_for_manytomany(db_field, request, **kwargs)
        if db_field.name == "groups" and field is not None:
            field.label_from_instance = lambda group: roles.title(group.name)
        if db_field.name == "user_permissions" and field is not None:
            permission_names.speak(field)
        return field


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, ModelAdmin):
    list_display = ("title", "name")

    @admin.display(description=_("role"), ordering="name")
    def title(self, group: Group) -> str:
        return roles.title(group.name)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest | None = None, **kwargs: Any) -> Any:
        """Permissions by what they allow."""
        field: Any = super().formfield_for_manytomany(db_field, request, **kwargs)
        if db_field.name == "permissions" and field is not None:
            permission_names.speak(field)
        return field


SENTENCES = {"crontab": schedule_words.crontab, "interval": schedule_words.interval}
ship(
    gettext_noop("daily job"),
    gettext_noop("training"),
    gettext_noop("retention"),
    gettext_noop("webhooks"),
    gettext_noop("old answers"),
    gettext_noop("Import of waiting rows, features, scores, outcomes, drift, retention."),
    gettext_noop("Trains on what is known by now; a better model becomes the champion."),
    gettext_noop("Moves rows past their retention into the archive."),
    gettext_noop("Sends the events that wait for other systems."),
    gettext_noop("Lets go of answers kept for repeated calls, and of old events."),
)


class TaskSelect(UnfoldAdminSelectWidget, beat.TaskSelectWidget):
    """The registered tasks to choose from."""


class TaskForm(beat.PeriodicTaskForm):
    class Meta(beat.PeriodicTaskForm.Meta):
        field_classes = {"name": ShippedText, "description": ShippedText}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["task"].widget = UnfoldAdminTextInputWidget()
        self.fields["regtask"].widget = TaskSelect()


def for_those_who_change(act: Any) -> Any:
    """The same action, for whoever may change the rows."""

    @wraps(act)
    def guarded(page: Any, request: HttpRequest, queryset: Any) -> Any:
        return act(page, request, queryset)

    guarded.allowed_permissions = ("change",)  # type: ignore[attr-defined]
    return guarded


@admin.register(PeriodicTask)
class PeriodicTaskAdmin(beat.PeriodicTaskAdmin, ModelAdmin):
    form = TaskForm
    empty_title = _("No task is scheduled")
    change_form_template = None  # the package's has a script in it, which the page's policy forbids
    list_display = ("title", "enabled", "when", "last_run_at", "one_off")
    # The package asks nobody for a permission here.
    enable_tasks, disable_tasks, toggle_tasks, run_tasks = (
        for_those_who_change(getattr(beat.PeriodicTaskAdmin, name)) for name in beat.PeriodicTaskAdmin.actions
    )

    @admin.display(description=_("name"), ordering="name")
    def title(self, task: PeriodicTask) -> str:
        return told(task.name)

    @admin.display(description=_("when it runs"))
    def when(self, task: PeriodicTask) -> str:
        return schedule_words.when(task)

    @admin.display(description=_("when it runs"))
    def crontab_translation(self, task: PeriodicTask) -> str:
        return schedule_words.when(task)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Schedules by their sentences."""
        field: Any = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if field is not None and db_field.name in SENTENCES:
            field.label_from_instance = SENTENCES[db_field.name]
        return field

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        task = kwargs.get("obj")
        subtitle = {"subtitle": told(task.name)} if task else {}
        return super().render_change_form(request, context | subtitle, *args, **kwargs)


@admin.register(IntervalSchedule)
class IntervalAdmin(beat.IntervalScheduleAdmin, ModelAdmin):
    list_display = ("sentence",)

    @admin.display(description=_("when it runs"), ordering="every")
    def sentence(self, row: IntervalSchedule) -> str:
        return schedule_words.interval(row)


@admin.register(CrontabSchedule)
class CrontabAdmin(beat.CrontabScheduleAdmin, ModelAdmin):
    list_display = ("sentence", "__str__")
    fields = ("sentence", *beat.CrontabScheduleAdmin.fields[1:])
    readonly_fields = ("sentence",)

    @admin.display(description=_("when it runs"))
    def sentence(self, row: CrontabSchedule) -> str:
        return schedule_words.crontab(row)


@admin.register(SolarSchedule)
class SolarAdmin(beat.SolarScheduleAdmin, ModelAdmin):
    pass


@admin.register(ClockedSchedule)
class ClockedAdmin(beat.ClockedScheduleAdmin, ModelAdmin):
    pass


def title_of(row: Step) -> str:
    """A step's title; its name where it is no longer declared."""
    try:
        return str(step_named(row.name).title)
    except KeyError:
        return row.name


class TitledStepInline(StepInline):
    """The steps' titles are declared with what they do."""

    @admin.display(description=_("step"))
    def step(self, row: Step) -> str:
        return title_of(row)


@admin.register(Run)
class StartableRunAdmin(RunAdmin):
    """The tasks stand above the facts, so the button that starts one is added here."""

    actions_detail = ("run_again",)
    actions_on_all = ("run_again",)
    inlines = (TitledStepInline,)

    def step_title(self, step: Step) -> str:
        return title_of(step)

    def has_run_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return bool(request.user.has_perm("customers.change_run"))

    @action(description=_("Run again"), icon="replay", permissions=["run"], url_path="run-again")
    def run_again(self, request: HttpRequest, object_id: str) -> HttpResponse:
        check_sees_all(request.user, WORK_ON_ALL)
        run = get_object_or_404(Run, pk=object_id)
        return ask(
            page=self,
            request=request,
            title=gettext("Run again"),
            question=gettext("%(run)s is picked up where it broke off; steps that are done are not done again.")
            % {"run": run},
            button=gettext("Run again"),
            back=reverse("admin:customers_run_change", args=[run.pk]),
            work=lambda _reason: _queued(run),
        )


def _queued(run: Run) -> str:
    from churnsite import tasks

    if run.state == State.DONE:
        raise Refused(gettext("This run is done; nothing in it is left to do."))
    task = {Run.Kind.DAILY: tasks.daily, Run.Kind.TRAINING: tasks.training, Run.Kind.RETENTION: tasks.retention}
    transaction.on_commit(lambda: task[Run.Kind(run.kind)].delay(run.as_of.isoformat()))
    return gettext("The run is on its way; this page shows its steps.")
