"""`manage.py drift`: what changed at the platform without a write of ours and is still open.

Exit codes: 0 nothing open, 2 wrong use, 3 something is open. Prints no personal data and no codes.
"""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from smartbis_admin.connections.models import Connection
from smartbis_admin.sync.drift.rules import own_lists
from smartbis_admin.sync.drift.services import acknowledge, list_label, open_drift
from smartbis_admin.sync.engine import resources
from smartbis_admin.ui import formats

LIMIT = 50


def _lists() -> list[str]:
    return [*map(str, resources()), *own_lists()]


class Command(BaseCommand):
    help = "Shows what changed at the platform without a write of ours. Without a resource: of every list."

    def add_arguments(self, parser: ArgumentParser) -> None:
        known = ", ".join(_lists())
        parser.add_argument("resources", nargs="*", metavar="resource", help=f"one or more of: {known}")
        parser.add_argument("--connection", metavar="NAME", help="only this connection")
        parser.add_argument("--limit", type=int, default=LIMIT, help="lines shown, the newest first")
        parser.add_argument("--acknowledge", action="store_true", help="mark what is open as seen")

    def handle(self, *args: Any, **options: Any) -> None:
        unknown = sorted(set(options["resources"]) - set(_lists()))
        if unknown:
            problem = _("Recurso desconhecido: %(names)s.") % {"names": ", ".join(unknown)}
            raise CommandError(problem, returncode=2)
        rows = open_drift(self._connection(options["connection"]))
        if options["resources"]:
            rows = rows.filter(resource__in=options["resources"])
        if options["acknowledge"]:
            count = acknowledge(drifts=rows, by=None)
            self.stdout.write(_("Conferidas: %(n)s.") % {"n": formats.number(count)})
            return
        for drift in rows.select_related("connection")[: max(0, options["limit"])]:
            facts = {
                "at": formats.datetime_local(drift.found_at),
                "connection": drift.connection.name,
                "list": list_label(drift.resource),
                "kind": drift.get_kind_display(),
                "number": drift.pk,
                "columns": ", ".join(drift.after),
            }
            line = _("%(at)s %(connection)s, %(list)s: %(kind)s (%(number)s) %(columns)s") % facts
            self.stdout.write(line.rstrip())
        count = rows.count()
        self.stdout.write(_("Em aberto: %(n)s.") % {"n": formats.number(count)})
        sys.exit(3 if count else 0)

    def _connection(self, name: str | None) -> Connection | None:
        if not name:
            return None
        found = Connection.objects.filter(name=name).first()
        if found is None:
            raise CommandError(_("Nenhuma conexão com este nome."), returncode=2)
        return found
