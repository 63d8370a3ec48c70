"""`manage.py sync`: walks lists in the foreground and shows how far they are.

Exit codes: 0 all done, 1 one failed, 2 wrong use, 3 one needs a decision or came incomplete,
130 stopped with Ctrl-C. A run that a worker took first is watched instead.
"""

import logging
import sys
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import InterfaceError, OperationalError
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from smartbis_admin.connections.models import Connection
from smartbis_admin.sync import services
from smartbis_admin.sync.engine import execute, resources, runs
from smartbis_admin.sync.models import SyncRun
from smartbis_admin.sync.words import explain_run

State = SyncRun.State
#: Seconds between two looks at a run that a worker drives.
LOOK_AGAIN = 0.5
BAR_WIDTH = 24
#: Seconds between two redraws.
REDRAW = 0.1
EXIT_CODES = {State.DONE: 0, State.NEEDS_ATTENTION: 3, State.INCOMPLETE: 3}
#: When several lists end differently, the first of these is the command's code.
WORST_FIRST = (1, 3, 0)


class Command(BaseCommand):
    help = "Reads lists from the platform into the mirror. Without a resource: all of them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        known = ", ".join(resources())
        parser.add_argument("resources", nargs="*", metavar="resource", help=f"one or more of: {known}")
        parser.add_argument(
            "--connection", metavar="NAME", help="only this connection; otherwise every active"
        )
        parser.add_argument(
            "--no-input", action="store_true", help="never ask; a withdrawal held back stays undecided"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        unknown = sorted(set(options["resources"]) - set(resources()))
        if unknown:
            problem = _("Recurso desconhecido: %(names)s.") % {"names": ", ".join(unknown)}
            raise CommandError(problem, returncode=2)
        asked = [
            runs.request_run(connection=connection, resource=name, trigger=SyncRun.Trigger.COMMAND)
            for connection in self._connections(options["connection"])
            for name in resources(connection)
            if name in options["resources"] or not options["resources"]
        ]
        asks = not options["no_input"] and sys.stdin.isatty()
        if sys.stderr.isatty() and options["verbosity"] < 2:
            # On a terminal the bar tells what the log would: one line per call would tear it apart.
            logging.getLogger("smartbis_admin").setLevel(logging.WARNING)
        codes = set()
        try:
            for run in asked:
                self._follow(run)
                self._report(run)
                if asks and run.state == State.NEEDS_ATTENTION:
                    self._ask(run)
                codes.add(EXIT_CODES.get(State(run.state), 1))
        except KeyboardInterrupt:
            for run in asked:
                services.cancel_run(run=run)
            self.stderr.write(_("Interrompido. O que já foi lido fica guardado."))
            sys.exit(130)
        except (OperationalError, InterfaceError):
            # Not even the run's row can be written: it stays behind and is taken over.
            problem = _("O banco de dados não respondeu. Sincronize de novo em instantes.")
            raise CommandError(problem, returncode=1) from None
        sys.exit(next(code for code in WORST_FIRST if code in codes))

    def _connections(self, name: str | None) -> list[Connection]:
        found = Connection.objects.programmes().order_by("pk")
        found = found.filter(name=name) if name else found.filter(is_active=True)
        if not found:
            problem = _("Nenhuma conexão com este nome.") if name else _("Nenhuma conexão ativa.")
            raise CommandError(problem, returncode=2)
        return list(found)

    def _follow(self, run: SyncRun) -> None:
        """Drive the run to its end, or watch it while a worker does; what it waits for is done first."""
        bar = ProgressBar(self.stderr, shown=sys.stderr.isatty())
        while run.state in {State.REQUESTED, State.RUNNING}:
            ours = run if runs.claim(run) else runs.next_run(run.connection_id)
            if ours is None:
                bar.draw(run)
                time.sleep(LOOK_AGAIN)
            else:
                execute(ours, on_page=bar.draw)
            run.refresh_from_db()
            if run.not_before is not None:
                break
        bar.clear()

    def _report(self, run: SyncRun) -> None:
        ended = run.finished_at or timezone.now()
        seconds = (ended - run.started_at).total_seconds() if run.started_at else 0
        facts = {
            "connection": run.connection.name,
            "list": services.resource_label(run.resource),
            "state": run.get_state_display().lower(),
            "rows": formats.number_format(run.rows_seen, force_grouping=True),
            "new": run.rows_created,
            "changed": run.rows_changed,
            "missing": run.rows_missing,
            "withdrawn": run.rows_withdrawn,
            "seconds": formats.number_format(seconds, 1),
        }
        self.stdout.write(
            _(
                "%(connection)s, %(list)s: %(state)s. Linhas: %(rows)s; novas: %(new)s; "
                "alteradas: %(changed)s; ausentes: %(missing)s; retiradas: %(withdrawn)s. %(seconds)s s."
            )
            % facts
        )
        why = explain_run(run)
        if why:
            self.stdout.write(f"  {why} {run.reference}".rstrip())

    def _ask(self, run: SyncRun) -> None:
        question = _("Retirar %(rows)s linhas que sumiram da lista? [s/N] ") % {"rows": run.rows_held}
        if input(question).strip().lower() == _("s"):
            services.accept_withdrawal(run=run, by=None)
            run.refresh_from_db()
            self._report(run)


class ProgressBar:
    """One line that is drawn over itself on a terminal; nothing in a pipe."""

    def __init__(self, stream: Any, *, shown: bool) -> None:
        self._stream = stream
        self._shown = shown
        self._drawn_at = 0.0

    def draw(self, run: SyncRun) -> None:
        """Show how far a run is."""
        now = time.monotonic()
        if not self._shown or now - self._drawn_at < REDRAW:
            return
        self._drawn_at = now
        percent = run.percent
        filled = BAR_WIDTH * (percent or 0) // 100
        seconds = (timezone.now() - run.started_at).total_seconds() if run.started_at else 0
        facts = {
            "list": services.resource_label(run.resource),
            "bar": "#" * filled + "-" * (BAR_WIDTH - filled),
            "percent": "…" if percent is None else f"{percent} %",
            "rows": run.rows_seen,
            "pages": run.pages,
            "rate": int(run.rows_seen / seconds) if seconds else 0,
        }
        line = (
            _("%(list)s [%(bar)s] %(percent)s, %(rows)s linhas, %(pages)s páginas, %(rate)s linhas/s") % facts
        )
        self._write(f"\r\x1b[K{line}")

    def clear(self) -> None:
        """Take the line away."""
        if self._shown:
            self._write("\r\x1b[K")

    def _write(self, text: str) -> None:
        # Django paints standard error red unless it is told not to.
        self._stream.write(text, style_func=str, ending="")
        self._stream.flush()
