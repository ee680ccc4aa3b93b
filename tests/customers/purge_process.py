"""A purge in a process of its own, which kills itself at a given place: `purge_process.py [MODULE FUNCTION WHEN]`.

WHEN is `before` or `after` the function's first call, or `second`, after its second. Ends by printing what is where.
"""

import datetime as dt
import json
import os
import signal
import sys
from itertools import count

import django

django.setup()

from customers import archive  # noqa: E402 - Django is set up first
from customers.archive import files, purging  # noqa: E402
from customers.models import Transaction  # noqa: E402

MODULES = {"files": files, "purging": purging}
D = dt.date(2017, 9, 30)


def kill_at(module: str, function: str, when: str) -> None:
    works, calls = getattr(MODULES[module], function), count(1)

    def killed(*args, **kwargs):
        if when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        found = works(*args, **kwargs)
        if next(calls) == (2 if when == "second" else 1):
            os.kill(os.getpid(), signal.SIGKILL)
        return found

    setattr(MODULES[module], function, killed)


def main() -> None:
    purging.DELETE_ROWS = 1
    if len(sys.argv) > 1:
        kill_at(*sys.argv[1:])
    print("begins", flush=True)
    moved = archive.purge(as_of=D)["n_rows"]
    kept = archive.scan(kind="transactions", since=dt.date(2000, 1, 1), until=D).collect()
    stored = Transaction.objects.values_list("transaction_id", flat=True)
    print(json.dumps({"moved": moved, "archived": sorted(kept["transaction_id"]), "stored": sorted(stored)}))


if __name__ == "__main__":
    main()
