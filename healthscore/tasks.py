"""The health score as tasks: each takes keys and figures, and is safe to run twice or at the same time."""

from typing import Any

from customers.clock import business_date
from customers.jobs import Working, background
from healthscore import configurations, trial

__all__ = ["keep_portfolio", "measure_truth", "try_configuration"]


@background("healthscore.try_configuration")
def try_configuration(job: Working, *, document: dict[str, Any]) -> dict[str, Any]:
    """Whose grade a configuration would move; the figures of `trial.try_out`."""
    configuration = configurations.checked(document)
    return trial.try_out(configuration, user=job.row.created_by, advance=job.advance)


@background("healthscore.measure_truth")
def measure_truth(job: Working) -> dict[str, Any]:
    """How true every version's scores were, as of today; the figures of `truth_kept.as_document`."""
    from healthscore import truth, truth_kept  # scipy and scikit-learn, which only this needs

    today = business_date()
    return truth_kept.as_document(truth.measure_all(today=today, advance=job.advance), today=today)


@background("healthscore.keep_portfolio")
def keep_portfolio(job: Working) -> dict[str, Any]:
    """Count what the portfolio shows of the latest day, and of days before it that were not kept."""
    from healthscore import portfolio_kept  # it names this task

    return {"days": portfolio_kept.keep_missing(job.advance)}
