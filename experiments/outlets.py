"""The ways out of this app that name customers."""

from customers.outlets import Kind, Outlet
from experiments import uplift_lists
from experiments.lists import API, EXPORT

OUTLETS = (
    Outlet(
        "url admin:experiments_experiment_treatments",
        Kind.TREATMENT,
        "the treatment list as CSV",
        recorded_as=EXPORT,
    ),
    Outlet("url admin:experiments_assignment_changelist", Kind.MARKED, "who is in which arm"),
    Outlet("url admin:experiments_assignment_change", Kind.MARKED, "a customer in an arm"),
    Outlet("url admin:experiments_listing_changelist", Kind.MARKED, "whose turn it was, ghosts among them"),
    Outlet("url admin:experiments_listing_change", Kind.MARKED, "somebody's turn"),
    Outlet("url admin:experiments_outcome_changelist", Kind.RECORD, "what became of those who were enrolled"),
    Outlet("url admin:experiments_outcome_change", Kind.RECORD, "what became of somebody who was enrolled"),
    Outlet(
        "url admin:experiments_upliftstudy_download_list",
        Kind.TREATMENT,
        "the day's list by uplift as CSV",
        recorded_as=uplift_lists.EXPORT,
    ),
    Outlet(
        "url admin:experiments_upliftstudy_download_list_xlsx",
        Kind.TREATMENT,
        "the day's list by uplift as Excel",
        recorded_as=uplift_lists.EXPORT,
    ),
    Outlet("url admin:experiments_upliftlisting_changelist", Kind.MARKED, "the lists by uplift"),
    Outlet("url admin:experiments_upliftlisting_change", Kind.MARKED, "somebody on a list by uplift"),
    Outlet("url admin:experiments_experiment_guide", Kind.SILENT, "a page of the guide"),
    Outlet(
        "url api:experiment_treatments",
        Kind.TREATMENT,
        "the treatment list, for the CRM",
        recorded_as=API,
    ),
    Outlet("url api:experiment_assignments", Kind.RECORD, "who is in which arm and what came of it, for analysts"),
    Outlet("url api:experiment_interventions", Kind.SILENT, "the rows that the caller sent, by their own IDs"),
    *(
        Outlet(f"url api:experiment_{move}", Kind.SILENT, "the experiment or a job")
        for move in ("start", "stop", "complete", "enrol", "analyse")
    ),
    Outlet("event treatments.ready", Kind.SILENT, "how many are on the list of a date; it is fetched from the API"),
    Outlet("event experiment.finished", Kind.SILENT, "the state of an experiment"),
    Outlet("command enrol", Kind.SILENT, "numbers by arm"),
    Outlet("command plan_experiment", Kind.SILENT, "numbers"),
    Outlet("command uplift_csv", Kind.SILENT, "figures of a file from elsewhere"),
    Outlet("command uplift", Kind.SILENT, "figures, and numbers of the list"),
    Outlet("command analyse_csv", Kind.SILENT, "figures of a file from elsewhere"),
    Outlet("task experiments.tasks.track", Kind.SILENT, "numbers"),
    Outlet("task experiments.enrol", Kind.SILENT, "a number"),
    Outlet("task experiments.analyse", Kind.SILENT, "the key of an analysis"),
    Outlet("task experiments.finalise", Kind.SILENT, "the key of an analysis"),
    Outlet("task experiments.learn_uplift", Kind.SILENT, "the key of a study"),
)
