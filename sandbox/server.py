"""The sandbox's web server: gunicorn with one process of threads, on loopback, stopping at once when told.

One process, because clock, faults, switches and log live in its memory. Knows nothing of vendors.
"""

import os
import socket
import time
from functools import partial
from typing import Any

import gunicorn.util
from django.db import connections
from gunicorn.app.base import BaseApplication
from gunicorn.workers.gthread import ThreadWorker

from sandbox.control.calls import log
from sandbox.control.clock import clock
from sandbox.control.gate import stopping

HOST = "127.0.0.1"
THREADS = 32
# How long open requests may take after TERM, and after how long the parent loses patience.
FINISH_SECONDS = 1
KILL_SECONDS = 2
LINGER_SECONDS = 0.1


def listen(port: int) -> socket.socket:
    """A listening socket on loopback; port 0 lets the system choose. Raises OSError when it is taken."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen(256)
    except OSError:
        listener.close()
        raise
    return listener


class PromptWorker(ThreadWorker):
    """gunicorn's threads, without its pause for clients that may be about to ask again."""

    def handle_exit(self, sig: int, frame: Any) -> None:
        """TERM: delayed replies leave at once, open requests are finished, idle connections closed."""
        stopping.set()
        super().handle_exit(sig, frame)

    def handle_quit(self, sig: int, frame: Any) -> None:
        """Ctrl-C: go at once. What was committed is committed; what was not, is not."""
        os._exit(0)

    def run(self) -> None:
        """Serve, then end the process even when a thread still waits for bytes that never come."""
        # The parent waits longer than that before it kills.
        self.cfg.set("graceful_timeout", FINISH_SECONDS)
        super().run()
        os._exit(0)

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        """While stopping, wait only for calls that are being worked on; who is just connected is let go."""
        super().wait_for_and_dispatch_events(timeout if self.alive else min(timeout, 0.05))
        if not self.alive and log.in_flight == 0:
            self.nr_conns = 0

    def _cap_keepalive(self, deadline: float) -> None:
        super()._cap_keepalive(min(deadline, time.monotonic()))


class Server(BaseApplication):
    """gunicorn set up in code; `ready` is printed once the first worker serves."""

    def __init__(self, *, listener: socket.socket, ready: str) -> None:
        self._listener = listener
        self._ready = ready
        super().__init__()

    def load_config(self) -> None:
        """gunicorn's settings; each name is gunicorn's own."""
        options = {
            # gunicorn takes the descriptor over and closes it.
            "bind": f"fd://{self._listener.detach()}",
            "worker_class": PromptWorker,
            "workers": 1,
            "threads": THREADS,
            "keepalive": 60,
            "timeout": 120,
            "graceful_timeout": KILL_SECONDS,
            "control_socket_disable": True,
            "loglevel": "warning",
            "worker_tmp_dir": "/dev/shm",  # noqa: S108
            "post_worker_init": self._serving,
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """The WSGI application."""
        connections.close_all()
        # The replies' Date tells the sandbox's time, frozen or not: clients learn their skew from it.
        gunicorn.util.http_date = _http_date(gunicorn.util.http_date)
        # The accepting loop waits for a client to take note of a close; two seconds are too long for that.
        gunicorn.util.close_graceful = partial(gunicorn.util.close_graceful, timeout=LINGER_SECONDS)
        return gunicorn.util.import_app("sandbox.wsgi:application")

    def _serving(self, worker: Any) -> None:
        if worker.age == 1:
            print(self._ready, flush=True)


def _http_date(original: Any) -> Any:
    def http_date(timestamp: float | None = None) -> Any:
        return original(clock.now() if timestamp is None else timestamp)

    return http_date
