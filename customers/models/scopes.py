"""Which customers a user may see: by region and by account manager."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _


def names(value: Any) -> None:
    """Refuse what is not a list of different names."""
    if not isinstance(value, list) or not all(isinstance(one, str) and one.strip() for one in value):
        raise ValidationError(_("A list of names is needed."), code="names")
    if len(set(value)) < len(value):
        raise ValidationError(_("A name stands here twice."), code="twice")


class UserScope(models.Model):
    """The limits of what a user sees; without such a row the user sees every customer."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="customer_scope", verbose_name=_("user")
    )
    regions = models.JSONField(
        _("regions"),
        default=list,
        blank=True,
        validators=[names],
        help_text=_("Only customers of these regions; empty is no limit by region."),
    )
    account_managers = models.JSONField(
        _("account managers"),
        default=list,
        blank=True,
        validators=[names],
        help_text=_(
            "Only customers whom one of these looks after, as their latest deal that names an account manager says; "
            "empty is no limit by account manager."
        ),
    )

    class Meta:
        verbose_name = _("limit of what a user sees")
        verbose_name_plural = _("limits of what users see")

    def __str__(self) -> str:
        return str(self.user)
