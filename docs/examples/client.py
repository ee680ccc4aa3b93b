"""A client of the API that needs nothing but Python: bring in purchases, then read who is about to leave.

API=https://shop.example/api/v1 KEY=sjx_... python client.py
"""

import json
import os
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode


class ProblemError(Exception):
    """What the API refused; `document` is its problem document (RFC 9457)."""

    def __init__(self, status: int, document: dict[str, Any]) -> None:
        super().__init__(f"{status}: {document.get('detail', '')}")
        self.status, self.document = status, document


class Client:
    """`client.call("GET", "customers/", region="East")`; waits and tries again where the API asks for it."""

    def __init__(self, api: str, key: str) -> None:
        self.api, self.key = api.rstrip("/"), key

    def call(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        address = path if path.startswith("http") else f"{self.api}/{path}"
        if query:
            address += "?" + urlencode(query, doseq=True)
        headers = {"Authorization": f"Api-Key {self.key}", "Content-Type": "application/json"}
        if method == "POST":
            # The same call sent again, after an answer that got lost, does nothing twice.
            headers["Idempotency-Key"] = str(uuid.uuid4())
        data = None if body is None else json.dumps(body).encode()
        return self._sent(urllib.request.Request(address, data, headers, method=method))

    def _sent(self, request: urllib.request.Request, attempts: int = 5) -> Any:
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            if error.code not in (429, 503) or attempts == 1:
                raise ProblemError(error.code, json.loads(error.read() or b"{}")) from None
            time.sleep(float(error.headers.get("Retry-After", 1)))
        return self._sent(request, attempts - 1)

    def pages(self, path: str, **query: Any) -> Iterator[dict[str, Any]]:
        """Every row of a list."""
        page = self.call("GET", path, **query)
        yield from page["results"]
        while page["next"]:
            page = self.call("GET", page["next"])
            yield from page["results"]

    def bring(self, kind: str, rows: list[dict[str, Any]], at_a_time: int = 5_000) -> list[dict[str, Any]]:
        """Send rows of a kind; returns what became of those that were set aside."""
        aside: list[dict[str, Any]] = []
        for start in range(0, len(rows), at_a_time):
            told = self.call("POST", f"{kind}/bulk/", {"rows": rows[start : start + at_a_time]})
            aside += [row for row in told["rows"] if row["result"] == "set_aside"]
        return aside

    def prediction(self, customer_id: str) -> dict[str, Any]:
        """The latest of a customer; the ID may hold any sign."""
        found: dict[str, Any] = self.call("GET", f"customers/{quote(customer_id, safe='')}/prediction/")
        return found


def main() -> None:
    client = Client(os.environ["API"], os.environ["KEY"])
    client.call("POST", "customers/", {"customer_id": "EXAMPLE/1", "registered_on": "2024-05-01"})
    bought = {"transaction_id": "EXAMPLE-1", "customer_id": "EXAMPLE/1", "occurred_at": "2024-05-02", "amount": 9.5}
    for row in client.bring("transactions", [bought, {**bought, "transaction_id": "EXAMPLE-2", "amount": -1}]):
        print("set aside:", row["id"], *(f"{why['column']} {why['message']}" for why in row["reasons"]))
    print("EXAMPLE/1 leaves with probability", client.prediction("EXAMPLE/1")["probability"])
    for one in client.pages("predictions/", risk_level=["high", "critical"], page_size=500):
        if one["held_back"] is None:
            print(one["customer_id"], f"{one['probability']:.0%}", *(why["sentence"] for why in one["reasons"] or []))


if __name__ == "__main__":
    main()
