"""kill −9 while a label is on its way: half of it has left, and nobody can say what lies in the printer's tray.

The real server, its real queue, and the printer that ships as product, which takes the connection and no byte more than
its buffer holds. After the restart the label is `unknown` and is not sent again until a person has looked.
"""

import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from sqlalchemy import insert

from app import clock
from app.db import Database
from app.desk.prints import STATES
from app.printing import jobs, queueing
from app.printing.jobs import PrintJob
from app.schema.people import worker
from app.work import people
from printers import labels
from printers.labels import LpnLabel
from printers.virtual import VirtualPrinter
from tests import engines
from tests.faults.server import Server

pytestmark = pytest.mark.faults

PIN = "4711"
PLATE = LpnLabel(lpn="LPN-1", item="TEE-M", name="Tee", quantity=1, unit="each")
LONG = b"^XA^FX" + b"x" * 3_900_000 + b"^FS^FO30,30^A0N,40,40^FDLPN-1^FS^XZ"  # more than all buffers on the way hold
WITHIN_S = 20.0
WATCHED_S = 8.0  # longer than the queue's own rounds


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
@pytest.mark.parametrize("kill", [Server.kill_answering, Server.kill_all])
def test_a_label_cut_off_by_kill_9_is_never_sent_again_by_itself(
    tmp_path: Path, engine: str, kill: Callable[[Server], None]
) -> None:
    url = engines.fresh(engine, tmp_path)
    job = lay_out(url)
    with VirtualPrinter() as dock:
        dock.change(never_reads=True)
        printer = {"name": "DOCK", "address": dock.address, "two_way": False}
        with Server(url, tmp_path, printers=[printer], printer_loopback=True) as server:
            server.wait_ready()
            wait_for(lambda: dock.connections == 1, "the server speaks to the printer")
            time.sleep(0.5)  # the buffers are full now
            assert seen(url, job).state == "sending"

            kill(server)
            dock.change(never_reads=False)
            server.wait_ready()
            wait_for(lambda: seen(url, job).state != "sending", "the restart says what is known")
            time.sleep(WATCHED_S)
            left = seen(url, job)
            assert (left.state, left.attempts) == ("unknown", 1)
            assert left.sentence == "The server stopped while it was printing."
            assert dock.connections == 1, "nobody spoke to the printer again"
            assert dock.count == 0, "half a label is none"
            assert dock.received > 0, "yet something of it had left"

            decide(server.url, job, out="no")
            assert dock.wait_for(1, WITHIN_S), "a person has looked: now it comes out"
            wait_for(lambda: seen(url, job).state == "sent", "and is written down")
            assert (dock.count, dock.connections) == (1, 2)
    engines.remove(url)


def lay_out(url: str) -> str:
    """A label that waits, and a supervisor; the job's id."""
    database, now = Database(url), clock.now()
    ruth = {"code": "ruth", "name": "Ruth", "badge": "B-ruth", "roles": "supervisor", "pin_hash": people.hash_pin(PIN)}
    facts = {
        "id": clock.new_id(), "once": "lpn LPN-1 1", "printer": "DOCK", "kind": "lpn", "subject": "LPN-1",
        "document": "", "payload": LONG, "label": labels.encode(PLATE), "copy": 0, "reason": "", "next_at": now,
        "created": now, "worker": "ruth", "station": "", "template": "", "template_version": 0,
    }  # fmt: skip
    database.do(lambda tx: (tx.run(insert(worker).values(**ruth)), tx.run(queueing.ADD, **facts)))
    database.close()
    return str(facts["id"])


def seen(url: str, job: str) -> PrintJob:
    database = Database(url)
    with database.reading() as tx:
        found = tx.one(jobs.JOB, PrintJob, id=job)
    database.close()
    assert found is not None
    assert found.state in STATES
    return found


def decide(url: str, job: str, *, out: str) -> None:
    """Ruth, at the desk: did the label come out?"""
    with httpx.Client(base_url=url, trust_env=False, timeout=20) as desk:
        assert desk.post("/desk/sign-in", data={"badge": "B-ruth", "pin": PIN}).status_code == 303
        page = desk.get("/desk/service", headers={"accept": "text/html"}).text
        headers = {"x-csrf": page.split('name="csrf" content="')[1].split('"')[0], "hx-request": "true"}
        answer = desk.post("/desk/prints/came-out", data={"job": job, "out": out}, headers=headers)
        assert answer.status_code == 200, answer.text


def wait_for(true: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + WITHIN_S
    while not true():
        assert time.monotonic() < until, what
        time.sleep(0.05)
