"""What can be done to an experiment by hand: a line each, with the permission it takes and the states it is for."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action

from customers.admin.confirm import ReasonForm, ask
from customers.clock import business_date
from customers.visibility import WORK_ON_ALL, check_sees_all
from experiments import states, tasks, uplift_learning
from experiments.admin import background
from experiments.duplicate import duplicate
from experiments.models import Experiment

__all__ = ["MOVES", "Move", "as_action"]

RUN = "experiments.run_experiment"
State = Experiment.State
User = AbstractBaseUser | AnonymousUser
Work = Callable[[Experiment, Any, str], Any]


@dataclass(frozen=True, kw_only=True)
class Move:
    """An action on the page of an experiment; `work` does it and returns the sentence that tells so.

    What `is_for_all` is done to all customers at once, and so refused to who sees only some of them.
    """

    name: str
    title: Any
    question: Any
    icon: str
    states: tuple[str, ...]
    work: Work
    permission: str = RUN
    needs_reason: bool = False
    is_for_all: bool = True


def _start(experiment: Experiment, user: User, _reason: str) -> str:
    states.start(experiment, user=user, on=business_date())
    return _("“%(name)s” is running; its configuration is locked.") % {"name": experiment}


def _stop(experiment: Experiment, user: User, reason: str) -> str:
    states.stop(experiment, user=user, on=business_date(), reason=reason)
    return _("“%(name)s” is stopped; everybody who is in is watched to the end of their days.") % {"name": experiment}


def _complete(experiment: Experiment, user: User, _reason: str) -> str:
    states.complete(experiment, user=user, on=business_date())
    return _("“%(name)s” is completed; everybody who is in is watched to the end of their days.") % {"name": experiment}


def _archive(experiment: Experiment, user: User, _reason: str) -> str:
    states.archive(experiment, user=user)
    return _("“%(name)s” is archived; everything of it stays readable.") % {"name": experiment}


def _queued(task: Any) -> Work:
    """What hands a task to the workers; how far it is stands on the experiment's page."""

    def work(experiment: Experiment, user: User, _reason: str) -> str:
        background.start(task, experiment, user=user)
        return _("It was started; how far it is, and what came of it, stands below.")

    return work


def _learn_uplift(experiment: Experiment, user: User, reason: str) -> str:
    uplift_learning.check(experiment)
    return str(_queued(tasks.learn_uplift)(experiment, user, reason))


def _duplicate(experiment: Experiment, user: User, _reason: str) -> Any:
    copy = duplicate(experiment, user=user, on=business_date())
    return format_html(
        '{} <a class="text-link" href="{}">{}</a>',
        _("A new draft was made:"),
        reverse("admin:experiments_experiment_change", args=[copy.pk]),
        copy,
    )


MOVES = (
    Move(
        name="start",
        title=gettext_lazy("Start"),
        question=gettext_lazy(
            "From now on customers of “%(name)s” are enrolled after each day's scoring, and its configuration is "
            "locked: changing anything means a new experiment."
        ),
        icon="play_arrow",
        states=(State.DRAFT,),
        work=_start,
    ),
    Move(
        name="enrol_now",
        title=gettext_lazy("Enrol now"),
        question=gettext_lazy(
            "Everybody who is eligible for “%(name)s” by the latest scores and not in it yet is drawn into an arm. "
            "Twice changes nothing."
        ),
        icon="group_add",
        states=(State.RUNNING,),
        work=_queued(tasks.enrol),
    ),
    Move(
        name="analyse_now",
        title=gettext_lazy("Analyse now"),
        question=gettext_lazy("“%(name)s” is analysed with everything that is known today; earlier analyses stay."),
        icon="calculate",
        states=(State.RUNNING, State.STOPPED, State.COMPLETED, State.ARCHIVED),
        work=_queued(tasks.analyse),
        permission="experiments.add_analysis",
    ),
    Move(
        name="complete",
        title=gettext_lazy("Complete"),
        question=gettext_lazy(
            "Nobody is enrolled into “%(name)s” or put on its list any more. Everybody who is in is watched, and the "
            "control group held back, to the end of their days."
        ),
        icon="task_alt",
        states=(State.RUNNING,),
        work=_complete,
    ),
    Move(
        name="stop",
        title=gettext_lazy("Stop"),
        question=gettext_lazy(
            "“%(name)s” ends before its time: nobody is enrolled or put on its list any more. Everybody who is in is "
            "watched, and the control group held back, to the end of their days. The report will name your reason."
        ),
        icon="stop_circle",
        states=(State.RUNNING,),
        work=_stop,
        needs_reason=True,
    ),
    Move(
        name="finalise",
        title=gettext_lazy("Finalise"),
        question=gettext_lazy(
            "The result of “%(name)s” is analysed once more and closed: late events change nothing from then on. "
            "This cannot be taken back."
        ),
        icon="verified",
        states=(State.STOPPED, State.COMPLETED, State.ARCHIVED),
        work=_queued(tasks.finalise),
    ),
    Move(
        name="learn_uplift",
        title=gettext_lazy("Learn whom it helps"),
        question=gettext_lazy(
            "From the outcomes of “%(name)s” it is learned whom the measure helps, and judged whether that can be told "
            "beforehand at all. With many customers it takes minutes."
        ),
        icon="target",
        states=(State.STOPPED, State.COMPLETED, State.ARCHIVED),
        work=_learn_uplift,
        permission="experiments.add_upliftstudy",
    ),
    Move(
        name="archive",
        title=gettext_lazy("Archive"),
        question=gettext_lazy("“%(name)s” is put away; everything of it stays readable."),
        icon="inventory_2",
        states=(State.STOPPED, State.COMPLETED),
        work=_archive,
    ),
    Move(
        name="duplicate",
        title=gettext_lazy("Duplicate"),
        question=gettext_lazy("A new draft with the configuration of “%(name)s” is made, to be changed and started."),
        icon="content_copy",
        states=tuple(State.values),
        work=_duplicate,
        permission="experiments.add_experiment",
        is_for_all=False,
    ),
)


def as_action(move: Move) -> Any:
    """The method of the admin page that asks first and then does the move."""

    def view(page: Any, request: HttpRequest, object_id: str) -> HttpResponse:
        if move.is_for_all:
            check_sees_all(request.user, WORK_ON_ALL)
        experiment = get_object_or_404(Experiment, pk=object_id)
        return ask(
            page=page,
            request=request,
            title=move.title,
            question=move.question % {"name": experiment},
            button=move.title,
            back=reverse("admin:experiments_experiment_change", args=[experiment.pk]),
            work=lambda reason: move.work(experiment, request.user, reason),
            **({"form_class": ReasonForm} if move.needs_reason else {}),
        )

    view.__name__ = move.name
    where = move.name.replace("_", "-")
    return action(description=move.title, icon=move.icon, permissions=[move.permission], url_path=where)(view)
