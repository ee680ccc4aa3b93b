"""Model versions with their figures, promotion and roll-back; who promoted what."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from customers.admin.confirm import ReasonForm, ask
from customers.admin.documents import document
from customers.admin.labels import label
from customers.admin.machine import MachineRows
from customers.visibility import FIGURES_OF_ALL, WORK_ON_ALL, check_sees_all, is_limited
from predictions import registry
from predictions.admin import figures
from predictions.models import ModelVersion, Promotion
from predictions.training_report import names, path_of

PROMOTE = "predictions.promote_modelversion"
ROLES = {"champion": "success", "challenger": "info", "retired": ""}


@admin.register(ModelVersion)
class ModelVersionAdmin(MachineRows):
    list_display = ("version", "kind", "role_label", "as_of", "auc", "calibration_error", "n_warnings", "created_at")
    list_filter = ("role", "kind", "as_of")
    search_fields = ("version", "kind")
    list_select_related = ("created_by",)
    fieldsets = (
        (
            _("Origin"),
            {
                "fields": (
                    ("version", "kind"),
                    ("role_label", "as_of"),
                    ("horizon_days", "catalogue_version"),
                    ("code_version", "created_at"),
                    "created_by",
                )
            },
        ),
    )
    readonly_fields = ("role_label",)
    change_form_outer_before_template = "admin/predictions/model.html"
    actions_detail = ("promote", "roll_back", "report")
    actions_on_all = ("promote", "roll_back", "report")
    empty_title = _("No model yet")
    empty_message = _("Train one once there is data: python manage.py train_model --as-of D")

    def get_urls(self) -> list[Any]:
        wrap = self.admin_site.admin_view
        own = [
            path("<int:pk>/promote-it/", wrap(self.promote_view), name="predictions_modelversion_promote_it"),
            path("roll-back-it/", wrap(self.roll_back_view), name="predictions_modelversion_roll_back_it"),
        ]
        return [*own, *super().get_urls()]

    def has_promote_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return bool(request.user.has_perm(PROMOTE))

    @admin.display(description=_("role"), ordering="role")
    def role_label(self, model: ModelVersion) -> str:
        return label(model.role, model.get_role_display(), ROLES)

    @admin.display(description=_("ROC AUC"))
    def auc(self, model: ModelVersion) -> str:
        return figures.cell(model.metrics.get("roc_auc"))

    @admin.display(description=_("calibration error"))
    def calibration_error(self, model: ModelVersion) -> str:
        return figures.cell(model.metrics.get("ece"))

    @admin.display(description=_("warnings"))
    def n_warnings(self, model: ModelVersion) -> int:
        return len(model.warnings)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        model = self.get_object(request, object_id)
        shown = model is not None and self.has_view_permission(request, model)
        extra = _page(model, sees_all=not is_limited(request.user)) if shown and model is not None else {}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **extra})

    @action(description=_("Promote"), icon="military_tech", permissions=["promote"], url_path="promote")
    def promote(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.promote_view(request, int(object_id))

    @action(description=_("Roll back"), icon="undo", permissions=["promote"], url_path="roll-back")
    def roll_back(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.roll_back_view(request)

    @action(description=_("Training report"), icon="description", permissions=["view"], url_path="report")
    def report(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        check_sees_all(request.user, FIGURES_OF_ALL)
        target = path_of(get_object_or_404(ModelVersion, pk=object_id))
        return document(target, missing=gettext("This model has no training report."))

    def promote_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        _require(request)
        model = get_object_or_404(ModelVersion, pk=pk)
        current = registry.champion()

        def work(reason: str) -> str:
            registry.promote(model=model, user=request.user, reason=reason)  # type: ignore[arg-type]
            return gettext("%(model)s is the champion now.") % {"model": model}

        question = gettext("%(model)s takes the place of %(current)s and scores from the next run on.") % {
            "model": model,
            "current": current or gettext("no model"),
        }
        return self._asked(request, gettext("Promote a model"), question, gettext("Promote"), pk, work)

    def roll_back_view(self, request: HttpRequest) -> HttpResponse:
        _require(request)
        current = registry.champion()
        back = current.pk if current else None

        def work(reason: str) -> str:
            promotion = registry.roll_back(user=request.user, reason=reason)  # type: ignore[arg-type]
            return gettext("%(model)s is the champion again.") % {"model": promotion.model}

        question = gettext(
            "The champion before %(current)s becomes the champion again and scores from the next run on."
        ) % {"current": current or gettext("no model")}
        return self._asked(request, gettext("Roll back"), question, gettext("Roll back"), back, work)

    def _asked(
        self, request: HttpRequest, title: str, question: str, button: str, pk: int | None, work: Any
    ) -> HttpResponse:
        where = "change" if pk else "changelist"
        back = reverse(f"admin:predictions_modelversion_{where}", args=[pk] if pk else [])
        return ask(
            page=self,
            request=request,
            title=title,
            question=question,
            button=button,
            back=back,
            work=work,
            form_class=ReasonForm,
        )


def _require(request: HttpRequest) -> None:
    if not request.user.has_perm(PROMOTE):
        raise PermissionDenied
    check_sees_all(request.user, WORK_ON_ALL)


def _page(model: ModelVersion, *, sees_all: bool) -> dict[str, Any]:
    days = list(model.daily_quality.order_by("-as_of")[:120])
    return {
        "model": model,
        "measures": figures.measures(model),
        "measure_names": list(names().values()),
        "candidates": figures.candidates(model),
        "splits": figures.splits(model, sees_all=sees_all),
        "charts": [*figures.curves(model), *filter(None, (figures.importance(model), figures.quality(days)))],
        "parameters": [
            (name, value) for name, value in sorted(model.parameters.items()) if not isinstance(value, dict | list)
        ],
        "promotions": list(model.promotions.select_related("promoted_by", "previous")),
        "has_report": path_of(model).exists(),
    }


@admin.register(Promotion)
class PromotionAdmin(MachineRows):
    list_display = ("model", "previous", "is_rollback", "promoted_at", "promoted_by", "why")
    list_select_related = ("model", "previous", "promoted_by")
    list_filter = ("is_rollback", "promoted_at")
    search_fields = ("model__version", "reason")
    fields = (("model", "previous"), ("promoted_at", "promoted_by"), "is_rollback", "why")
    readonly_fields = ("why",)
    empty_title = _("No model was promoted yet")
    empty_message = _("The first trained model becomes the champion by itself; later ones by the rule or by hand.")

    @admin.display(description=_("reason"))
    def why(self, promotion: Promotion) -> str:
        return promotion.why or "–"
