"""Connections that will never be answered, kept open without keeping a thread. Knows only sockets.

A stalled reply must stay silent until the client gives up or the faults are cleared, however many stall at
once. So the connection is moved out of the web server's hands into one watching thread, which closes it when
the client does; it dies with the process.
"""

import os
import selectors
import socket
import threading


def hang_up(connection: socket.socket) -> None:
    """End a connection at once, both ways; the web server's later write then fails quietly."""
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        # The client was faster.
        return


class Parking:
    """Holds silent connections until their clients give up or somebody releases them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._selector: selectors.BaseSelector | None = None

    def park(self, connection: socket.socket) -> None:
        """Take the connection away from its owner and keep it open and silent.

        The owner's descriptor is replaced by a dead one: whatever it writes or closes afterwards goes
        nowhere, and the real connection stays untouched.
        """
        silent = connection.dup()
        silent.setblocking(False)
        stand_in, other_end = socket.socketpair()
        other_end.close()
        os.dup2(stand_in.fileno(), connection.fileno())
        stand_in.close()
        with self._lock:
            if self._selector is None:
                self._selector = selectors.DefaultSelector()
                threading.Thread(target=self._watch, args=(self._selector,), daemon=True).start()
            self._selector.register(silent, selectors.EVENT_READ, data=silent)

    def release(self) -> None:
        """Hang up on everybody who still waits."""
        with self._lock:
            for key in list(self._selector.get_map().values()) if self._selector else ():
                hang_up(key.data)

    def _watch(self, selector: selectors.BaseSelector) -> None:
        while True:
            for key, _ in selector.select():
                parked: socket.socket = key.data
                if self._given_up(parked):
                    with self._lock:
                        selector.unregister(parked)
                    parked.close()

    @staticmethod
    def _given_up(parked: socket.socket) -> bool:
        try:
            return parked.recv(65536) == b""
        except BlockingIOError:
            return False
        except OSError:
            return True


parking = Parking()
