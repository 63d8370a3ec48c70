"""Helpers for tests that start real processes: read what they print, wait for their end without sleeping."""

import os
import re
import select
import subprocess
from pathlib import Path
from typing import IO


def bare_environment() -> dict[str, str]:
    """Nothing of the test run's own settings; only where programs are, and how coverage is measured."""
    return {
        name: value for name, value in os.environ.items() if name == "PATH" or name.startswith("COVERAGE_")
    }


def ends_within(pid: int, seconds: float) -> bool:
    """Whether a process (anybody's child) is gone within so many seconds."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([handle], [], [], seconds)[0])
    finally:
        os.close(handle)


def read_until(process: subprocess.Popen[str], pattern: str) -> re.Match[str]:
    """Read the process's output up to the line that matches; its end before that fails the test.

    A process that hangs in silence is ended by the test run's own time limit.
    """
    output: IO[str] | None = process.stdout
    assert output is not None
    seen = []
    for line in output:
        seen.append(line)
        if match := re.search(pattern, line):
            return match
    raise AssertionError(f"no line like {pattern!r} in:\n{''.join(seen)}")


def descendants(pid: int) -> set[int]:
    """Ids of the children of a process, their children, and so on."""
    children: dict[int, list[int]] = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            status = Path(f"/proc/{name}/stat").read_text("utf-8")
        except (FileNotFoundError, ProcessLookupError):
            continue
        parent = int(status.rpartition(")")[2].split()[1])
        children.setdefault(parent, []).append(int(name))
    found: set[int] = set()
    waiting = [pid]
    while waiting:
        born = children.get(waiting.pop(), [])
        found |= set(born)
        waiting += born
    return found
