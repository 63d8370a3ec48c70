"""Many real processes at one moment, and processes that are killed: a program that forks tills on order.

Started as `python -m tests.till.chaos.forks` in the environment of the test. It loads the program once and reads
one order a line, in JSON: {"scans": [[scan id, till id], …], "cashier": id, "code": "…", "kill_after": seconds
or null}. Every scan becomes a process of its own with its own connection to the database; all start at the
same moment. It answers each order with {"killed": number, "failed": number} of the processes.
"""

import json
import os
import select
import signal
import sys
import time
import traceback
import uuid
from typing import Any

import django

django.setup()

from smartbis_admin.staff.models import Till, User  # noqa: E402
from vouchers.redemption import redeem  # noqa: E402


def scan(order: dict[str, Any], scan_id: str, till_id: int, ready: int, start: int) -> None:
    """What one process does: be ready, wait until all are, then scan."""
    till = Till.objects.select_related("store").get(pk=till_id)
    cashier = User.objects.get(pk=order["cashier"])
    os.write(ready, b".")
    select.select([start], [], [], 60)
    redeem(scan_id=uuid.UUID(scan_id), code=order["code"], cashier=cashier, store=till.store, till=till)


def obey(order: dict[str, Any]) -> dict[str, int]:
    """Start the processes of one order together and wait for their end."""
    (all_ready, ready), (start, go) = os.pipe(), os.pipe()
    children = []
    for scan_id, till_id in order["scans"]:
        child = os.fork()
        if child == 0:
            # Whoever holds the writing end keeps everybody waiting.
            os.close(go)
            code = 1
            try:
                scan(order, scan_id, till_id, ready, start)
                code = 0
            except Exception:  # noqa: BLE001 - the last thing this process does is say why
                traceback.print_exc()
            finally:
                os._exit(code)
        children.append(child)
    # Ours too, or a child that ended before it was ready would be waited for for ever.
    os.close(ready)
    waited = sum(len(os.read(all_ready, 1)) for _child in children)
    assert waited == len(children)
    os.close(go)
    if order["kill_after"] is not None:
        time.sleep(order["kill_after"])
        for child in children:
            os.kill(child, signal.SIGKILL)
    ends = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    for end in (all_ready, start):
        os.close(end)
    return {"killed": sum(end == -signal.SIGKILL for end in ends), "failed": sum(end > 0 for end in ends)}


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(obey(json.loads(line))), flush=True)
