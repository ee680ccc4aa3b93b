"""The one admin site."""

from unfold.sites import UnfoldAdminSite


class Site(UnfoldAdminSite):
    """Unfold's site; the apps register their models with it."""
