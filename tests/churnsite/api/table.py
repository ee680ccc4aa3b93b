"""Who may call what, written down by hand from the table of roles; "" in nothing, so that no line is open by mistake.

Letters: M manager, D data engineer, A algorithm engineer, B backend engineer, S business staff; then the scopes.
"""

ANYBODY = "anybody"
LETTERS = {
    "M": "manager",
    "D": "data engineer",
    "A": "algorithm engineer",
    "B": "backend engineer",
    "S": "business staff",
}


def who(letters: str, *scopes: str) -> list[str]:
    return [*(LETTERS[letter] for letter in letters), *scopes]


SETTINGS = who("MDB")
SEE_HEALTH = [*who("MDS"), "health:read"]
SEE_EXPERIMENTS, RUN_EXPERIMENTS = who("MABS"), who("MAB")

EVERYBODY, FACTS = who("MDABS"), who("MD")
READ_CUSTOMERS = [*EVERYBODY, "customers:read"]
PREDICTIONS = [*EVERYBODY, "predictions:read"]
WRITE_CUSTOMERS = [*FACTS, "customers:write"]
KINDS = ("transactions", "interactions", "links", "sales", "support", "activity")

TABLE: dict[str, dict[str, list[str]]] = {
    "auth/token/": {"POST": [ANYBODY]},
    "auth/token/refresh/": {"POST": [ANYBODY]},
    "auth/token/revoke/": {"POST": [ANYBODY]},
    "schema/": {"GET": [ANYBODY]},
    "docs/": {"GET": [ANYBODY]},
    "jobs/<uuid:id>/": {"GET": who("MDAB")},
    "webhooks/": {"GET": SETTINGS, "POST": SETTINGS},
    "webhooks/<uuid:id>/": {"GET": SETTINGS, "DELETE": SETTINGS},
    "health-scores/": {"GET": SEE_HEALTH},
    "health-scores/summary/": {"GET": SEE_HEALTH},
    "health-scores/not-scored/": {"GET": SEE_HEALTH},
    "customers/<customer:customer_id>/health/": {"GET": SEE_HEALTH},
    "experiments/": {"GET": SEE_EXPERIMENTS, "POST": RUN_EXPERIMENTS},
    "experiments/<int:id>/": {"GET": SEE_EXPERIMENTS, "PATCH": RUN_EXPERIMENTS},
    "experiments/<int:id>/start/": {"POST": RUN_EXPERIMENTS},
    "experiments/<int:id>/stop/": {"POST": RUN_EXPERIMENTS},
    "experiments/<int:id>/complete/": {"POST": RUN_EXPERIMENTS},
    "experiments/<int:id>/enrol/": {"POST": RUN_EXPERIMENTS},
    "experiments/<int:id>/assignments/": {"GET": SEE_EXPERIMENTS},
    "experiments/<int:id>/treatments/": {"GET": [*SEE_EXPERIMENTS, "treatments:read"]},
    "experiments/<int:id>/interventions/": {"POST": [*FACTS, "interventions:write"]},
    "experiments/<int:id>/analysis/": {"GET": SEE_EXPERIMENTS},
    "experiments/<int:id>/analyses/": {"GET": SEE_EXPERIMENTS},
    "experiments/<int:id>/analyses/<int:analysis>/": {"GET": SEE_EXPERIMENTS},
    "experiments/<int:id>/analyse/": {"POST": RUN_EXPERIMENTS},
    "predictions/": {"GET": PREDICTIONS},
    "predictions/lookup/": {"POST": PREDICTIONS},
    "customers/<customer:customer_id>/prediction/": {"GET": PREDICTIONS},
    "customers/<customer:customer_id>/predictions/": {"GET": PREDICTIONS},
    "customers/": {"GET": READ_CUSTOMERS, "POST": WRITE_CUSTOMERS},
    "customers/<customer:customer_id>/": {"GET": READ_CUSTOMERS, "PATCH": WRITE_CUSTOMERS},
    "customers/<customer:customer_id>/timeline/": {"GET": READ_CUSTOMERS},
    **{f"{kind}/bulk/": {"POST": WRITE_CUSTOMERS} for kind in KINDS},
    "interventions/bulk/": {"POST": [*FACTS, "interventions:write"]},
}
