"""The server comes back by itself, ends when told to, leaves nobody behind, and shares its port with nobody."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

from tests import engines
from tests.faults.server import ROOT, Server, _children
from tests.sync.sink import SECRET, until


def gone(*processes: int) -> bool:
    return not any(Path(f"/proc/{one}/cmdline").exists() and _alive(one) for one in processes)


def _alive(process: int) -> bool:
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"


def refused(server: Server) -> str:
    """What a server says that may not start."""
    server.start()
    assert server.process is not None
    assert server.process.wait(30) > 0
    return server.last_words()


def test_a_server_killed_three_times_within_three_seconds_is_back_by_itself(tmp_path: Path) -> None:
    with Server(engines.fresh_sqlite(tmp_path), tmp_path) as server:
        server.wait_ready()
        assert server.process is not None
        parent, killed, until_s = server.process.pid, set[int](), time.monotonic() + 3.0
        while len(killed) < 3 and time.monotonic() < until_s:
            for child in _children(parent):
                if child not in killed:
                    os.kill(child, signal.SIGKILL)
                    killed.add(child)
            if len(killed) < 3:
                time.sleep(0.02)
                server.wait_ready()
        assert len(killed) == 3, server.last_words()
        server.wait_ready()
        assert server.process.poll() is None, "the very process that was started"
        children = _children(parent)
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(20) == 0
        assert gone(*children)


def test_a_server_told_to_end_while_the_next_one_starts_leaves_nobody_behind(tmp_path: Path) -> None:
    server = Server(engines.fresh_sqlite(tmp_path), tmp_path)
    server.start()
    server.wait_ready()
    server.kill_answering()
    assert server.process is not None
    server.process.send_signal(signal.SIGTERM)
    children = _children(server.process.pid)
    assert server.process.wait(20) == 0, server.last_words()
    until(lambda: gone(*children), "its process is gone")


def test_a_killed_parent_leaves_nobody_behind(tmp_path: Path) -> None:
    with Server(engines.fresh_sqlite(tmp_path), tmp_path) as server:
        server.wait_ready()
        assert server.process is not None
        children = _children(server.process.pid)
        server.process.kill()
        until(lambda: gone(*children), "the process that answered follows")


def test_a_server_that_cannot_come_up_any_more_says_why_and_ends(tmp_path: Path) -> None:
    url = engines.fresh_sqlite(tmp_path)
    slow = (
        "import app.serving as s; s.MOST_TRIES = 2; import sys; from app.cli import main; sys.exit(main(sys.argv[1:]))"
    )
    with Server(url, tmp_path) as server:
        server._command[1:3] = ["-c", slow]
        server.stop()
        server.start()
        server.wait_ready()
        damaged = sqlite3.connect(url.removeprefix("sqlite:///"))
        damaged.execute("UPDATE journal_head SET seq = 5")
        damaged.commit()
        damaged.close()
        server.kill_answering()
        assert server.process is not None
        assert server.process.wait(30) == 2, server.last_words()
        last = server.last_words().splitlines()[-1]
        assert last.startswith("The server did not come up again in 2 tries: The ledger does not prove: ")


def test_a_second_server_is_refused_the_port_also_while_the_first_is_down(tmp_path: Path) -> None:
    with Server(engines.fresh_sqlite(tmp_path), tmp_path) as first:
        first.wait_ready()
        second = Server(engines.fresh_sqlite(tmp_path), tmp_path)
        second._command[-2] = str(tmp_path / "second.json")
        config = next(tmp_path.glob(f"settings-{second.port}.json")).read_text()
        (tmp_path / "second.json").write_text(config.replace(f":{second.port}", f":{first.port}"))
        (tmp_path / "second.json").chmod(0o600)
        taken = f"Nothing can listen on 127.0.0.1:{first.port}: Address already in use."
        assert refused(second).splitlines() == [taken]
        first.kill_answering()
        assert refused(second).splitlines() == [taken, taken]
        first.wait_ready()


def test_a_second_ledger_is_refused_the_port(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "sync.reference_ledger", "--http", f"127.0.0.1:{port}", "--database"]
    known = {**os.environ, "PICKFACE_LEDGER_SECRET": SECRET}
    first = subprocess.Popen([*command, str(tmp_path / "1.db")], env=known, cwd=ROOT)
    try:
        until(lambda: (tmp_path / "1.db").exists(), "the first stands")
        second = [*command, str(tmp_path / "2.db")]
        ended = subprocess.run(second, env=known, cwd=ROOT, capture_output=True, text=True, timeout=30)
        assert ended.returncode == 2
        assert ended.stderr == f"Nothing can listen on 127.0.0.1:{port}: Address already in use.\n"
    finally:
        first.terminate()
        first.wait()


def test_the_demos_ledger_ends_with_the_demo(tmp_path: Path) -> None:
    starter = (
        "import subprocess, sys, time; p = subprocess.Popen([sys.executable, '-m', 'sync.reference_ledger', '--follow', "
        f"'--http', '127.0.0.1:0', '--database', {str(tmp_path / 'x.db')!r}]); print(p.pid, flush=True); time.sleep(60)"
    )
    known = {**os.environ, "PICKFACE_LEDGER_SECRET": SECRET}
    demo = subprocess.Popen([sys.executable, "-c", starter], env=known, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert demo.stdout is not None
    ledger = int(demo.stdout.readline())
    until(lambda: (tmp_path / "x.db").exists(), "the ledger stands")
    demo.kill()
    demo.wait()
    until(lambda: gone(ledger), "it follows")
