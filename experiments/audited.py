"""Which tables of experiments are audited, and which are not, and why."""

from customers.audit.tables import Audited, Unaudited

AUDITED = (
    Audited("experiments.Experiment"),
    Audited("experiments.Arm"),
    Audited("experiments.Condition"),
    Audited("experiments.StateChange"),
    Audited("experiments.UpliftStudy", quiet=("document",)),
    Unaudited("experiments.Assignment", "drawn by the enrolment; the database refuses to change it"),
    Unaudited("experiments.Listing", "written by the daily job"),
    Unaudited("experiments.Outcome", "observed by the daily job"),
    Unaudited("experiments.Analysis", "computed from the outcomes; the database refuses to change it"),
    Unaudited("experiments.UpliftListing", "written by the daily job"),
)
