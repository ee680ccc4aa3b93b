"""What is sent to the endpoints of experiments, and who sends it."""

from typing import Any

from rest_framework.test import APIClient

from tests.customers.rest.callers import person

RUNNER = (
    *("experiments.view_experiment", "experiments.add_experiment", "experiments.change_experiment"),
    *("experiments.run_experiment", "experiments.add_analysis", "experiments.view_analysis"),
    *("experiments.view_assignment", "experiments.view_listing"),
)
ARMS = [
    {"name": "control", "is_control": True, "share": 0.1},
    {"name": "coupon", "share": 0.9, "measure": "Send a coupon"},
]


def runner(username: str = "ann") -> APIClient:
    """A client of somebody who may configure and run experiments."""
    return person(*RUNNER, username=username)


def body(**values: Any) -> dict[str, Any]:
    return {"name": "Coupon", "starts_on": "2026-03-02", "ends_on": "2026-04-01", "arms": ARMS, **values}


def post(client: APIClient, path: str, data: Any = None, **headers: str) -> Any:
    return client.post(f"/api/v1/experiments/{path}", data, format="json", headers=headers)


def patch(client: APIClient, pk: int, data: Any, **headers: str) -> Any:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.patch(f"/api/v1/experiments/{pk}/", data, format="json", headers=named)


def get(client: APIClient, path: str = "", **query: Any) -> Any:
    return client.get(f"/api/v1/experiments/{path}", query)


def errors(response: Any) -> dict[str, str]:
    """The messages of a problem by field."""
    assert response.status_code in (400, 422), response.content
    assert response.headers["Content-Type"] == "application/problem+json"
    return {one["field"]: one["message"] for one in response.json()["errors"]}


def conflict(response: Any) -> str:
    """The sentence of a refusal."""
    assert response.status_code == 409, response.content
    return str(response.json()["detail"])
