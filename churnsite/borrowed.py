"""Texts of packages that bring no Chinese with them, named here so that our own catalogue holds them.

The project's locale wins over a package's. A text that the package drops may go from here too.
"""

from typing import Any

from django.utils.translation import gettext_lazy, gettext_noop

__all__ = ["OF_LOGIN", "OF_SCHEDULES", "TEXTS", "speak"]


def speak(model: type[Any]) -> None:
    """Let what a package's model marks as no text be shown in the reader's language."""
    names = model._meta
    if isinstance(names.verbose_name, str) and "verbose_name_plural" not in names.original_attrs:
        names.verbose_name_plural = f"{names.verbose_name}s"
    for part in (names, *names.local_fields):
        for name in ("verbose_name", "verbose_name_plural", "help_text"):
            text = getattr(part, name, None)
            if text and isinstance(text, str):
                setattr(part, name, gettext_lazy(text))


TEXTS = (
    gettext_noop("Cancel"),
    gettext_noop("Filters"),
    gettext_noop("Add new item"),
    gettext_noop("Add row"),
    gettext_noop("After you've created a user, you’ll be able to edit more user options."),
    gettext_noop("All applications"),
    gettext_noop("Apply Filters"),
    gettext_noop("Press the 'Change History' button below to edit the history."),
    gettext_noop("Press the 'Revert' button below to revert to this version of the object."),
    gettext_noop(
        "Below is a preview of data to be imported. If you are satisfied with the results, click 'Confirm import'"
    ),
    gettext_noop("Bold"),
    gettext_noop("Change History"),
    gettext_noop("Change reason"),
    gettext_noop("Changed by"),
    gettext_noop("Changes"),
    gettext_noop("Choose a date from the list below to revert to a previous version of this object"),
    gettext_noop("Choose file to upload"),
    gettext_noop("Click to cancel"),
    gettext_noop("Click to download"),
    gettext_noop("Code"),
    gettext_noop("Collapse"),
    gettext_noop("Comment"),
    gettext_noop("Confirm import"),
    gettext_noop("Current file"),
    gettext_noop("Dark"),
    gettext_noop("Dataset not found. No action performed."),
    gettext_noop("Date"),
    gettext_noop("Date from"),
    gettext_noop("Date to"),
    gettext_noop("Default"),
    gettext_noop("Edit"),
    gettext_noop("Enter an URL"),
    gettext_noop("Expand row"),
    gettext_noop("Export"),
    gettext_noop("False"),
    gettext_noop("From"),
    gettext_noop("General"),
    gettext_noop("Go back"),
    gettext_noop("Group"),
    gettext_noop("Group permissions"),
    gettext_noop("Heading"),
    gettext_noop("Image preview"),
    gettext_noop("Import"),
    gettext_noop("Indent decrease"),
    gettext_noop("Indent increase"),
    gettext_noop("Italic"),
    gettext_noop("Light"),
    gettext_noop("Line number"),
    gettext_noop("Link"),
    gettext_noop("Loading more results..."),
    gettext_noop("Manage group"),
    gettext_noop("Manage user"),
    gettext_noop("More actions"),
    gettext_noop("Name"),
    gettext_noop("New"),
    gettext_noop("Next"),
    gettext_noop("No data"),
    gettext_noop("No recent searches"),
    gettext_noop("No results found"),
    gettext_noop("No results matching your query"),
    gettext_noop("Non field specific"),
    gettext_noop("Not enough data."),
    gettext_noop("Object"),
    gettext_noop("Object permissions"),
    gettext_noop("Ordered list"),
    gettext_noop("Paragraph"),
    gettext_noop("Please correct these errors in your data where possible, then reupload it using the form above."),
    gettext_noop("Previous"),
    gettext_noop("Quote"),
    gettext_noop("Recent searches"),
    gettext_noop("Record picture"),
    gettext_noop("Redo"),
    gettext_noop("Reset filters"),
    gettext_noop("Reset to default"),
    gettext_noop("Return to site"),
    gettext_noop("Revert"),
    gettext_noop("Row"),
    gettext_noop("Run"),
    gettext_noop("Search apps and models..."),
    gettext_noop("Select action"),
    gettext_noop("Select action to run"),
    gettext_noop("Select all rows"),
    gettext_noop("Select currency"),
    gettext_noop("Select format"),
    gettext_noop("Select record"),
    gettext_noop("Select value"),
    gettext_noop("Skipped"),
    gettext_noop("Some rows failed to validate"),
    gettext_noop("Strike"),
    gettext_noop("Submit"),
    gettext_noop("System"),
    gettext_noop("This exporter will export the following fields"),
    gettext_noop("This exporter will export the following fields: "),
    gettext_noop("This importer will import the following fields: "),
    gettext_noop("This item will be deleted."),
    gettext_noop("This object doesn't have a change history."),
    gettext_noop("This page yielded into no results. Create a new item or reset your filters."),
    gettext_noop("To"),
    gettext_noop("Toggle password visibility"),
    gettext_noop("True"),
    gettext_noop("Type to search"),
    gettext_noop("Underlined"),
    gettext_noop("Undo"),
    gettext_noop("Unlink"),
    gettext_noop("Unordered list"),
    gettext_noop("Update"),
    gettext_noop("User permissions"),
    gettext_noop("Value"),
    gettext_noop("View traceback"),
    gettext_noop("You can not create nested object without parent"),
    gettext_noop("You have been successfully logged out from the administration"),
    gettext_noop(
        "Raw passwords are not stored, so there is no way to see this user’s password, but you can change the password "
        'using <a href="{}" class="text-primary-600 dark:text-primary-500">this form</a>.'
    ),
)

OF_LOGIN = (
    gettext_noop("access attempt"),
    gettext_noop("access attempts"),
    gettext_noop("Attempt Time"),
    gettext_noop("Failed Logins"),
    gettext_noop("GET Data"),
    gettext_noop("HTTP Accept"),
    gettext_noop("IP Address"),
    gettext_noop("Path"),
    gettext_noop("POST Data"),
    gettext_noop("User Agent"),
    gettext_noop("TOTP device"),
    gettext_noop("TOTP devices"),
    gettext_noop("static device"),
    gettext_noop("static devices"),
    gettext_noop("static token"),
    gettext_noop("static tokens"),
    gettext_noop("Token Blacklist"),
    gettext_noop("Outstanding Token"),
    gettext_noop("Outstanding Tokens"),
    gettext_noop("Blacklisted Token"),
    gettext_noop("Blacklisted Tokens"),
    gettext_noop("user"),
    gettext_noop("confirmed"),
    gettext_noop("created at"),
    gettext_noop("last used at"),
    gettext_noop("throttling failure count"),
    gettext_noop("The user that this device belongs to."),
    gettext_noop("Is this device ready for use?"),
    gettext_noop("The date and time when this device was initially created in the system."),
    gettext_noop("The most recent date and time this device was used."),
    gettext_noop("Number of successive failed attempts."),
)

OF_SCHEDULES = (
    gettext_noop("Task Name"),
    gettext_noop("Arguments"),
    gettext_noop("Execution Options"),
    gettext_noop("Periodic Tasks Using This Schedule"),
    gettext_noop('Cron Days Of The Week to Run. Use "*" for "all", Sunday is 0 or 7, Monday is 1. (Example: "0,5")'),
    gettext_noop('Cron Months (1-12) Of The Year to Run. Use "*" for "all". (Example: "1,12")'),
)
