"""Keeps a handful of processes running together: one log, one fate, nothing left behind.

Knows processes and signals only, not what the processes do. Linux: the kernel kills the children when the
supervisor dies without stopping them (prctl(2), PR_SET_PDEATHSIG, through setpriv). KILL, because a
process may miss a TERM or take its time, and nobody would be left to insist.
"""

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import IO, Self, TextIO, cast

#: Seconds between asking a process to stop and killing it with all it started.
GRACE = 8.0
#: A Ctrl-C this many seconds after the first request to stop means "now". Sooner ones belong to the first:
#: make and timeout(1) pass a signal on that the terminal has already delivered.
IMPATIENCE = 1.0
_COLOURS = (36, 32, 35, 33, 34)
_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(Exception):
    """Somebody asked the supervisor to stop."""


class Died(Exception):
    """A process ended by itself."""

    def __init__(self, name: str, status: int) -> None:
        self.name, self.status = name, status
        how = f"was killed by {signal.Signals(-status).name}" if status < 0 else f"ended with status {status}"
        super().__init__(f"{name} {how}")


@dataclass
class _Child:
    name: str
    process: subprocess.Popen[bytes]
    pipe: IO[bytes]
    colour: int
    rest: bytes = b""

    def has_ended(self) -> bool:
        """Whether the process has ended; it stays a zombie, so that its id still names its group."""
        flags = os.WEXITED | os.WNOHANG | os.WNOWAIT
        return self.process.returncode is not None or os.waitid(os.P_PID, self.process.pid, flags) is not None

    def bury(self) -> int:
        """Kill what the process may have left in its group; return its exit status."""
        if self.process.returncode is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        return self.process.wait()


class Supervisor:
    """Use as a context manager: leaving it, for whatever reason, stops every process."""

    def __init__(self, out: TextIO, *, grace: float = GRACE) -> None:
        self._out = out
        self._grace = grace
        self._coloured = out.isatty() and "NO_COLOR" not in os.environ
        self._children: list[_Child] = []
        self._selector = selectors.DefaultSelector()
        self._stop_requested_at: float | None = None
        self._impatient = False

    def __enter__(self) -> Self:
        # Signals interrupt the select below by a byte in this pipe, so that none is slept through.
        self._wake_read, wake_write = os.pipe()
        os.set_blocking(self._wake_read, False)
        os.set_blocking(wake_write, False)
        signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
        self._selector.register(self._wake_read, selectors.EVENT_READ)
        for number in _STOP_SIGNALS:
            signal.signal(number, self._request_stop)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop_all()

    def start(self, name: str, command: Sequence[str], *, env: Mapping[str, str]) -> None:
        """Start a process that is to run until the supervisor stops; its lines go to the log.

        The process leads a group of its own: a terminal's Ctrl-C reaches the supervisor alone, which
        then signals main processes only (Celery hangs now and then when its whole group gets TERM).
        """
        self._spawn(name, command, env)

    def run(self, name: str, command: Sequence[str], *, env: Mapping[str, str]) -> None:
        """Run a process to its end while the others run. Raises `Died` unless it ends with 0."""
        child = self._spawn(name, command, env)
        while not child.has_ended():
            self._turn(None, ends_well=child)
        self._children.remove(child)
        if status := self._finish(child):
            raise Died(name, status)

    def wait_until(self, condition: Callable[[], bool], *, seconds: float) -> bool:
        """Serve the log until the condition holds; False when that takes longer than so many seconds."""
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                return False
            self._turn(0.1)
        return True

    def run_forever(self) -> None:
        """Serve the log until `Stopped` or `Died` is raised."""
        while True:
            self._turn(None)

    def say(self, text: str) -> None:
        """Print lines of the supervisor's own."""
        try:
            self._out.write(text + "\n")
            self._out.flush()
        except OSError:
            # The terminal or the reader of our log is gone, and so is the one who wanted us.
            self._request_stop()

    def _spawn(self, name: str, command: Sequence[str], env: Mapping[str, str]) -> _Child:
        process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", *command],
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            process_group=0,
        )
        pipe = cast("IO[bytes]", process.stdout)
        child = _Child(name, process, pipe, _COLOURS[len(self._children) % len(_COLOURS)])
        os.set_blocking(child.pipe.fileno(), False)
        self._selector.register(child.pipe, selectors.EVENT_READ, child)
        self._children.append(child)
        return child

    def _turn(self, timeout: float | None, *, ends_well: _Child | None = None) -> None:
        """One round: pass on what was printed, notice a request to stop and the end of a process."""
        self._pass_on(timeout)
        if self._stop_requested_at is not None:
            raise Stopped
        for child in self._children:
            if child is not ends_well and child.has_ended():
                self._children.remove(child)
                raise Died(child.name, self._finish(child))

    def _request_stop(self, number: int = 0, frame: object = None) -> None:
        now = time.monotonic()
        if self._stop_requested_at is None:
            self._stop_requested_at = now
        elif number == signal.SIGINT and now - self._stop_requested_at > IMPATIENCE:
            self._impatient = True

    def _pass_on(self, timeout: float | None) -> None:
        for key, _events in self._selector.select(timeout):
            if key.data is None:
                os.read(self._wake_read, 4096)
            else:
                self._read(key.data)

    def _read(self, child: _Child) -> bool:
        """Print the whole lines a process has written; False when there is nothing more to read now."""
        try:
            data = os.read(child.pipe.fileno(), 65536)
        except BlockingIOError:
            return False
        if not data:
            self._close(child)
        *lines, child.rest = (child.rest + (data or b"\n" * bool(child.rest))).split(b"\n")
        for line in lines:
            prefix = f"{child.name:<8}|"
            if self._coloured:
                prefix = f"\x1b[{child.colour}m{prefix}\x1b[0m"
            self.say(f"{prefix} {line.decode(errors='replace')}")
        return bool(data)

    def _finish(self, child: _Child) -> int:
        """Bury a process that has ended, after its last words. Returns its exit status."""
        status = child.bury()
        while not child.pipe.closed and self._read(child):
            pass
        self._close(child)
        return status

    def _close(self, child: _Child) -> None:
        if not child.pipe.closed:
            self._selector.unregister(child.pipe)
            child.pipe.close()

    def _stop_all(self) -> None:
        """TERM to every main process, KILL to the groups of those still there after the grace period.

        A second Ctrl-C ends the wait at once.
        """
        for child in self._children:
            if not child.has_ended():
                child.process.terminate()
        deadline = time.monotonic() + self._grace
        while not all(child.has_ended() for child in self._children):
            left = deadline - time.monotonic()
            if left <= 0 or self._impatient:
                break
            self._pass_on(left)
        for child in self._children:
            if not child.has_ended():
                self.say(f"{child.name} does not stop by itself; killing it")
            self._finish(child)
        self._children.clear()
