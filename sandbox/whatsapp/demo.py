"""Demo data of the sandbox's WhatsApp: the templates a shop had approved. Knows the tables, not Django."""

import sqlite3

from sandbox.rows import insert
from sandbox.whatsapp import catalogue
from sandbox.whatsapp.models import APPROVED
from sandbox.whatsapp.services import NUMBER

_NUMBER = ("id", "display", "webhook_url", "verify_token")
_TEMPLATE = ("name", "language", "category", "status", "body", "button_url")


def prepare(connection: sqlite3.Connection) -> None:
    """What must exist even in an empty database: the number, and the template every new account has."""
    insert(connection, "whatsapp_number", _NUMBER, [(NUMBER, "5511400000001", "", "")])
    hello = ("hello_world", "en_US", "UTILITY", APPROVED, "Welcome and congratulations!", "")
    insert(connection, "whatsapp_template", _TEMPLATE, [hello])


def demo(connection: sqlite3.Connection, size: int, today: int) -> None:
    """Add the shop's templates; nobody was written to yet."""
    rows = [
        (name, language, category, APPROVED, body, "") for name, language, category, body in catalogue.rows()
    ]
    insert(connection, "whatsapp_template", _TEMPLATE, rows)
