"""A probability, a risk level and reasons for every eligible customer of a day, in parts, published all at once.

`score` does the three stages in one process; Celery shares out the middle one. A part is spooled as Parquet under
DATA_DIR, and `publish` replaces the day's rows in one transaction, so that readers see the old day or the new one.
"""

import datetime as dt
import hashlib
import io
import json
import shutil
import time
import uuid
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
from django.conf import settings
from django.db import transaction

from customers.commands import Advance, Refused
from customers.sentences import gettext as _
from customers.spreadsheet import write_frame
from predictions import figures, level_changes, registry, snapshots
from predictions.modelling.reasons import main_reason, reasons
from predictions.modelling.remarks import Remark
from predictions.modelling.risk import AT_RISK, LEVELS, risk_levels
from predictions.modelling.scorer import Scorer
from predictions.models import FeatureSnapshot, ModelVersion
from predictions.prediction_rows import read_day, replace_day
from predictions.snapshot_files import ROW_GROUP
from predictions.snapshots import Replaced
from predictions.value import MONTHLY_VALUE

__all__ = ["ScoreSummary", "begin", "publish", "score", "score_part"]

ROWS_IN_PART = 3 * ROW_GROUP
SPOOL_SECONDS = 24 * 3600
COLUMNS = {
    "customer_pk": pl.Int64,
    "customer_id": pl.String,
    "probability": pl.Float64,
    "risk_level": pl.String,
    "lifecycle_stage": pl.String,
    "reasons": pl.String,
    "main_reason": pl.String,
    "monthly_value": pl.Float64,
}


@dataclass(frozen=True)
class ScoreSummary:
    """What a day's scoring did; `notes` say which model was refused, if any."""

    as_of: dt.date
    model_version: str
    scored: int
    levels: dict[str, int]
    notes: list[Remark] = field(default_factory=list)


def score(*, as_of: dt.date, advance: Advance | None = None) -> ScoreSummary:
    """Score a day; a second time replaces its rows. Raises Refused without a champion or for another catalogue."""
    show = advance or Advance()
    parts = begin(as_of, advance=show)
    for done, part in enumerate(parts, start=1):
        score_part(as_of, part)
        show(_("Scoring"), done, len(parts))
    return publish(as_of)


def begin(as_of: dt.date, *, advance: Advance | None = None) -> list[int]:
    """Choose the model, see that the day's features are there, and return the numbers of the parts."""
    model, _scorer, notes = registry.last_good()
    snapshot = snapshots.ensure(as_of=as_of, advance=advance or Advance())
    _check_catalogue(model, snapshot)
    plan = _plan_of(model, snapshot, notes)
    _clean(keep=as_of)
    (_folder(as_of) / plan["key"]).mkdir(parents=True, exist_ok=True)
    _write(_folder(as_of) / "plan.json", json.dumps(plan).encode())
    return list(range(plan["parts"]))


def score_part(as_of: dt.date, part: int) -> int:
    """Score the customers in one part of the snapshot's rows and spool them, unless that was done; returns how many.

    None where the features were computed again meanwhile: `publish` then begins anew.
    """
    try:
        return _spooled(_plan(as_of), as_of, part).height
    except Replaced:
        return 0


def publish(as_of: dt.date) -> ScoreSummary:
    """Replace the day's predictions by the spooled ones in one transaction; of two at once the later stays."""
    try:
        return _publish(as_of, _plan(as_of))
    except Replaced:
        begin(as_of)
        return publish(as_of)


def _publish(as_of: dt.date, plan: dict[str, Any]) -> ScoreSummary:
    scored = pl.concat([_spooled(plan, as_of, part) for part in range(plan["parts"])])
    model = ModelVersion.objects.get(pk=plan["model"])
    with transaction.atomic():
        snapshot = FeatureSnapshot.objects.select_for_update().get(as_of=as_of)
        if snapshot.sha256 != plan["snapshot"]:
            raise Replaced
        level_changes.tell(as_of, scored=scored)
        replace_day(as_of=as_of, model_pk=model.pk, scored=scored)
        figures.keep(as_of)
    counts = Counter(scored["risk_level"].to_list())
    levels = {level: counts.get(level, 0) for level in reversed(LEVELS)}
    return ScoreSummary(as_of, model.version, scored.height, levels, plan["notes"])


def _spooled(plan: dict[str, Any], as_of: dt.date, part: int) -> pl.DataFrame:
    """A part's scores, made now unless they are there."""
    target = _folder(as_of) / plan["key"] / f"{part}.parquet"
    if not target.exists():
        first = part * ROWS_IN_PART
        mine = snapshots.read(
            as_of=as_of, eligible_only=True, rows=(first, first + ROWS_IN_PART), sha256=plan["snapshot"]
        )
        scored = _scored(registry.load(ModelVersion.objects.get(pk=plan["model"])), mine)
        buffer = io.BytesIO()
        scored.write_parquet(buffer)
        _write(target, buffer.getvalue())
    return pl.read_parquet(target)


def write_file(*, as_of: dt.date, path: Path) -> None:
    """The day's predictions as CSV, no text of it a formula, or raw as Parquet.

    Columns: customer_id, probability, risk_level, model_version.
    """
    frame = read_day(as_of=as_of)
    try:
        if path.suffix == ".parquet":
            frame.write_parquet(path)
        else:
            write_frame(path, frame, float_precision=6)
    except OSError as error:
        raise Refused(
            _("The file %(path)s cannot be written: %(why)s") % {"path": path, "why": error.strerror}
        ) from None


def summary_document(summary: ScoreSummary) -> dict[str, Any]:
    return asdict(summary) | {"as_of": summary.as_of.isoformat()}


def _scored(scorer: Scorer, frame: pl.DataFrame) -> pl.DataFrame:
    probability = scorer.probability(frame)
    levels = risk_levels(probability=probability, bounds=settings.RISK_LEVEL_BOUNDS)
    scored = frame.select(
        "customer_pk",
        "customer_id",
        pl.col("lifecycle_stage").cast(pl.String),
        probability=pl.Series(probability, dtype=pl.Float64),
        risk_level=pl.Series(levels, dtype=pl.String),
        monthly_value=pl.col(MONTHLY_VALUE).cast(pl.Float64),
    )
    at_risk = scored["risk_level"].is_in(AT_RISK)
    told = reasons_of(scorer, frame.filter(at_risk)) if at_risk.any() else []
    columns: dict[str, list[str | None]] = {
        "reasons": [json.dumps(one, ensure_ascii=False) for one in told],
        "main_reason": [main_reason(one) for one in told],
    }
    return scored.with_columns(_where(at_risk, name, texts) for name, texts in columns.items()).select(COLUMNS.keys())


def _where(chosen: pl.Series, name: str, texts: list[str | None]) -> pl.Series:
    """A column of that name with the texts in the chosen rows, in their order, and none in the others."""
    empty = pl.Series(name, [None] * len(chosen), dtype=pl.String)
    return empty.scatter(chosen.arg_true(), texts) if texts else empty


def reasons_of(scorer: Scorer, frame: pl.DataFrame) -> list[list[dict[str, Any]]]:
    """Reasons of each row of a feature frame."""
    return reasons(rows=frame.to_dicts(), contributions=scorer.contributions(frame), names=scorer.encoding.names)


def _check_catalogue(model: ModelVersion, snapshot: FeatureSnapshot) -> None:
    if model.catalogue_version != snapshot.catalogue_version:
        raise Refused(
            _(
                "The model %(model)s was trained on feature catalogue %(trained)s, but the features of %(day)s are of "
                "%(computed)s; train again or compute them again."
            )
            % {
                "model": model.version,
                "trained": model.catalogue_version,
                "day": snapshot.as_of,
                "computed": snapshot.catalogue_version,
            }
        )


def _plan_of(model: ModelVersion, snapshot: FeatureSnapshot, notes: list[Remark]) -> dict[str, Any]:
    """What to do; its key names the spool of everything that the result depends on, so that equal work is shared."""
    bounds = ",".join(f"{bound:g}" for bound in settings.RISK_LEVEL_BOUNDS)
    inputs = f"{model.version} {model.signature} {snapshot.sha256} {bounds} {ROWS_IN_PART} {' '.join(COLUMNS)}"
    key = hashlib.sha256(inputs.encode()).hexdigest()[:16]
    n_parts = max(1, -(-snapshot.n_customers // ROWS_IN_PART))
    return {"model": model.pk, "snapshot": snapshot.sha256, "parts": n_parts, "notes": notes, "key": key}


def _root() -> Path:
    return Path(settings.DATA_DIR) / "spool" / "scoring"


def _folder(as_of: dt.date) -> Path:
    return _root() / as_of.isoformat()


def _clean(*, keep: dt.date) -> None:
    """Remove spools that nobody has touched for a day; the one in use may serve a second run that has just begun."""
    for folder in _root().glob("*"):
        if folder.name != keep.isoformat() and time.time() - folder.stat().st_mtime > SPOOL_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)


def _plan(as_of: dt.date) -> dict[str, Any]:
    try:
        plan: dict[str, Any] = json.loads((_folder(as_of) / "plan.json").read_text())
    except OSError:
        raise Refused(_("The scoring of %(day)s was not begun.") % {"day": as_of}) from None
    return plan


def _write(path: Path, content: bytes) -> None:
    """Write whole or not at all, under a name of its own until then."""
    partial = path.with_name(f".{uuid.uuid4().hex}")
    partial.write_bytes(content)
    partial.replace(path)
