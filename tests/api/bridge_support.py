"""What the tests of the bridge's and the messages' clients share: benches of both, their calls by name, bodies."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from smartbis_admin.api.capabilities import Reading
from smartbis_admin.api.ports import Token
from smartbis_admin.api.smartpos import SmartPosClient
from smartbis_admin.api.transport import Timeouts
from smartbis_admin.api.whatsapp import WhatsAppClient
from tests.api.support import TOKEN, CountingPace, MemoryTokens

CLIENT, SECRET, ACCESS = "client-of-the-shop", "secret-of-the-bridge", "token-of-the-number"
NUMBER, PHONE, NAME, REFERENCE = "106540352242922", "+5511988880001", "Ana Lima", "b2c1f7e0-1"
#: Texts that must never reach a log line or an error.
SECRETS = (CLIENT, SECRET, ACCESS, TOKEN, PHONE, PHONE[1:], NAME, "52998224725")

Act = Callable[[Any], Any]
Vendor = type[SmartPosClient] | type[WhatsAppClient]

SALE = {
    "id": "pos-000001",
    "machine_id": "m-1",
    "acquirer": "Mercado Pago",
    "terminal_serial": "TS-0099",
    "nsu": "000123",
    "authorization_code": "045611",
    "store_id": "loja-centro",
    "amount": "129.90",
    "installments": 3,
    "payment_method": "credit",
    "status": "approved",
    "sold_at": "2026-03-05T14:21:40-03:00",
    "customer": {"cpf": "529.982.247-25", "phone": "11988880001", "name": " Ana Lima ", "email": None},
}
ACCEPTED = {
    "messaging_product": "whatsapp",
    "contacts": [{"input": PHONE, "wa_id": PHONE[1:]}],
    "messages": [{"id": "wamid.HBgN=", "message_status": "accepted"}],
}


def send_template(client: WhatsAppClient, **changes: Any) -> str:
    """A template as most tests send it."""
    given: dict[str, Any] = {
        "to": PHONE,
        "template": "voucher_emitido",
        "language": "pt-BR",
        "parameters": [NAME, "R$ 10,00"],
        "reference": REFERENCE,
    }
    return client.send_template(**given | changes)


FEEDS: dict[str, Act] = {
    "sales": lambda client: client.sales(cursor=None),
    "machines": lambda client: client.machines(),
    "customers": lambda client: client.customers(cursor=None),
    "probe": lambda client: client.probe(Reading.POS_SALES),
}
SENDS: dict[str, Act] = {
    "send_template": send_template,
    "send_text": lambda client: client.send_text(to=PHONE, text=f"Oi, {NAME}!", reference=REFERENCE),
}
NUMBERS: dict[str, Act] = {"number": lambda client: client.probe(Reading.WHATSAPP_NUMBER)}


class Bench:
    """A client with everything it was given, so that a test can look at it."""

    def __init__(self, client: Vendor, base_url: str, *, read: float = 1.0, token: str = TOKEN) -> None:
        self.slept: list[float] = []
        self.pace = CountingPace()
        end = datetime.now(UTC) + timedelta(hours=1)
        self.tokens = MemoryTokens(Token(token, end) if token else None)
        common: dict[str, Any] = {
            "base_url": base_url,
            "pace": self.pace,
            "timeouts": Timeouts(connect=0.5, read=read, total=200),
            "sleep": self.slept.append,
        }
        self.client: Any = (
            SmartPosClient(client_id=CLIENT, client_secret=SECRET, tokens=self.tokens, **common)
            if client is SmartPosClient
            else WhatsAppClient(phone_number_id=NUMBER, access_token=ACCESS, **common)
        )


@contextmanager
def pos(base_url: str, **options: Any) -> Iterator[Bench]:
    """A bench of the bridge."""
    made = Bench(SmartPosClient, base_url, **options)
    try:
        yield made
    finally:
        made.client.close()


@contextmanager
def whatsapp(base_url: str, **options: Any) -> Iterator[Bench]:
    """A bench of the messages."""
    made = Bench(WhatsAppClient, base_url, **options)
    try:
        yield made
    finally:
        made.client.close()
