"""A registered model that needs no training: the rule over all features."""

import datetime as dt

from predictions import artifacts
from predictions.features.catalogue import FEATURES
from predictions.modelling.encoding import Encoding
from predictions.modelling.rule import Rule
from predictions.modelling.scorer import Scorer
from predictions.models import ModelVersion
from predictions.snapshots import catalogue_version

ENCODING = Encoding(names=tuple(feature.name for feature in FEATURES), categories={})


def make_model(name: str = "m", **fields) -> ModelVersion:
    """A challenger whose files are stored and signed."""
    encoding = Encoding(
        names=ENCODING.names,
        categories={feature.name: () for feature in FEATURES if feature.type.is_label},
    )
    files = Scorer(encoding, Rule.over(encoding, horizon_days=7)).files()
    given = {
        "version": name,
        "kind": "rule",
        "as_of": dt.date(2017, 6, 1),
        "horizon_days": 7,
        "catalogue_version": catalogue_version(),
        "code_version": "test",
        "path": f"models/{name}",
    }
    return ModelVersion.objects.create(
        **{**given, **fields}, signature=artifacts.write(folder=f"models/{name}", files=files)
    )
