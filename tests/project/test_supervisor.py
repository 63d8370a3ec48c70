"""The supervisor of `make run`, with small processes that behave and misbehave on command."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.project.processes import ends_within, read_until

ROOT = Path(__file__).resolve().parents[2]

PROGRAM = """
import os, sys
from smartbis_admin.launcher.supervisor import Died, Stopped, Supervisor
children = {children!r}
try:
    with Supervisor(sys.stdout, grace={grace}) as processes:
        for name, code in children.items():
            processes.start(name, [sys.executable, "-uc", code], env=os.environ)
        processes.run_forever()
except Stopped:
    print("stopped", flush=True)
except Died as death:
    print(death, flush=True)
    sys.exit(1)
"""
OBEDIENT = "import os, signal; print('pid', os.getpid()); signal.pause()"
STUBBORN = """
import os, signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print('pid', os.getpid())
while True:
    signal.pause()
"""
PARENT = (
    "import os, signal, subprocess, sys; "
    "print('grandchild', subprocess.Popen([sys.executable, '-c', 'import signal; signal.pause()']).pid); "
    "print('pid', os.getpid()); signal.pause()"
)


@contextmanager
def supervised(*, grace: float = 5.0, **children: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-uc", PROGRAM.format(children=children, grace=grace)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_every_process(number: signal.Signals) -> None:
    with supervised(one=OBEDIENT, two=OBEDIENT) as process:
        pids = [int(read_until(process, r"pid (\d+)")[1]) for _ in range(2)]
        process.send_signal(number)
        read_until(process, "^stopped")
        assert process.wait(5) == 0
        assert [ends_within(pid, 0) for pid in pids] == [True, True]


def test_every_line_carries_the_name_of_its_process() -> None:
    with supervised(web="print('first\\nsecond', end='')", beat=OBEDIENT) as process:
        out, _ = process.communicate(timeout=10)
        assert {"web     | first", "web     | second"} <= set(out.splitlines())


def test_a_process_that_ignores_term_is_killed_after_the_grace_period() -> None:
    with supervised(grace=0.2, stubborn=STUBBORN) as process:
        pid = int(read_until(process, r"pid (\d+)")[1])
        process.terminate()
        read_until(process, "stubborn does not stop by itself; killing it")
        assert process.wait(5) == 0
        assert ends_within(pid, 0)


def test_a_second_ctrl_c_does_not_wait_for_the_grace_period() -> None:
    with supervised(grace=3600, stubborn=STUBBORN) as process:
        pid = int(read_until(process, r"pid (\d+)")[1])
        # Repeated at once: one Ctrl-C that arrived through the terminal and through make.
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGTERM)
        assert not ends_within(pid, 1.2)
        process.send_signal(signal.SIGINT)
        assert process.wait(5) == 0
        assert ends_within(pid, 0)


def test_the_death_of_one_stops_the_others_and_is_told() -> None:
    with supervised(one=OBEDIENT, two=OBEDIENT) as process:
        pids = {}
        for _ in range(2):
            found = read_until(process, r"(\w+) *\| pid (\d+)")
            pids[found[1]] = int(found[2])
        os.kill(pids["two"], signal.SIGKILL)
        read_until(process, "^two was killed by SIGKILL")
        assert process.wait(5) == 1
        assert ends_within(pids["one"], 0)


def test_a_process_that_ends_by_itself_is_told_with_its_status() -> None:
    with supervised(one="import sys; sys.exit(3)", two=OBEDIENT) as process:
        read_until(process, "^one ended with status 3")
        assert process.wait(5) == 1


def test_what_a_dead_process_started_is_ended_too() -> None:
    with supervised(parent=PARENT) as process:
        grandchild = int(read_until(process, r"grandchild (\d+)")[1])
        os.kill(int(read_until(process, r"pid (\d+)")[1]), signal.SIGKILL)
        read_until(process, "^parent was killed by SIGKILL")
        assert ends_within(grandchild, 5)


def test_processes_end_when_the_supervisor_is_killed() -> None:
    with supervised(one=OBEDIENT, two=STUBBORN) as process:
        pids = [int(read_until(process, r"pid (\d+)")[1]) for _ in range(2)]
        process.kill()
        assert [ends_within(pid, 5) for pid in pids] == [True, True]


def test_a_reader_that_goes_away_stops_everything() -> None:
    talker = "import os, sys\nprint('pid', os.getpid())\nwhile True: sys.stdin.read(); print('more')"
    with supervised(talker=talker) as process:
        pid = int(read_until(process, r"pid (\d+)")[1])
        assert process.stdout is not None
        process.stdout.close()
        assert ends_within(pid, 5)
        assert process.wait(5) != 0
