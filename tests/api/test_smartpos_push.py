"""Deliveries of the card machines' bridge: the order of the checks, what is genuine, what an envelope may be."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from smartbis_admin.api.pos import BadRow
from smartbis_admin.api.smartpos.push import (
    MAX_BODY,
    DeliveryRefused,
    check_delivery,
    read_delivery,
    signature,
)
from tests.api.bridge_support import SALE
from tests.api.test_smartpos_feed import SALE_RECORD

SECRET, OTHER = "sandbox-webhook-secret", "the-next-one"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
#: The test vector of `smartpos.md` §2.3.
TIMESTAMP = "1767225600"
PING = b'{"event":"ping","sent_at":"2026-01-01T00:00:00Z","sales":[]}'
VECTOR = "v1=e4d2c4a9ff9f77a75951a1794bb136b2b82fdc553356af75b61e04e39a6f4ae2"


def headers(body: bytes = PING, *, secret: str = SECRET, **changes: str) -> dict[str, str]:
    """The headers of a genuine delivery."""
    given = {
        "Content-Type": "application/json",
        "X-SmartPOS-Timestamp": TIMESTAMP,
        "X-SmartPOS-Delivery": "5b0c9a5e-3f0b-4a57-9c3a-0c9d4a1f7e10",
    }
    given |= {name.replace("_", "-"): value for name, value in changes.items()}
    signed = signature(secret=secret, timestamp=given["X-SmartPOS-Timestamp"], body=body)
    return {"X-SmartPOS-Signature": signed} | given


def outcome(
    given: dict[str, str], body: bytes = PING, *, secrets: tuple[str, ...] = (SECRET,), now: datetime = NOW
) -> tuple[int, str] | None:
    """Status and reason a delivery is refused with; None: it is let pass."""
    try:
        check_delivery(headers=given, body=body, secrets=secrets, now=now)
    except DeliveryRefused as refused:
        return refused.status, refused.reason
    return None


def test_the_vector_of_the_contract() -> None:
    assert len(PING) == 60
    assert signature(secret=SECRET, timestamp=TIMESTAMP, body=PING) == VECTOR
    assert outcome(headers() | {"X-SmartPOS-Signature": VECTOR}) is None


def test_each_check_comes_before_the_next() -> None:
    """A delivery with everything wrong is refused for the first of it; each put right, for the next."""
    body = b"x" * (MAX_BODY + 1)
    given = {"Content-Type": "text/plain", "X-SmartPOS-Timestamp": "0", "X-SmartPOS-Signature": "v1=00"}
    assert outcome(given, body) == (413, "too_large")
    assert outcome(given, body[:MAX_BODY]) == (415, "not_json")
    given["Content-Type"] = "application/json"
    assert outcome(given) == (401, "stale")
    given["X-SmartPOS-Timestamp"] = TIMESTAMP
    assert outcome(given) == (401, "bad_signature")
    given["X-SmartPOS-Signature"] = VECTOR
    assert outcome(given) is None


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        ("application/json", None),
        ("Application/JSON; charset=utf-8", None),
        ("application/json;charset=utf-8", None),
        ("", (415, "not_json")),
        ("text/json", (415, "not_json")),
        ("application/jsonp", (415, "not_json")),
    ],
)
def test_content_type(content_type: str, expected: tuple[int, str] | None) -> None:
    assert outcome(headers(Content_Type=content_type)) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0, None), (300, None), (-300, None), (301, (401, "stale")), (-301, (401, "stale"))],
)
def test_timestamp_either_way(seconds: int, expected: tuple[int, str] | None) -> None:
    assert outcome(headers(), now=NOW + timedelta(seconds=seconds)) == expected


@pytest.mark.parametrize("text", ["", "now", "1767225600.5", "-1767225600", "١٧٦٧٢٢٥٦٠٠", "9" * 400])
def test_a_timestamp_that_is_none_is_stale(text: str) -> None:
    assert outcome(headers(X_SmartPOS_Timestamp=text)) == (401, "stale")


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (VECTOR, None),
        (f"v1={'0' * 64},{VECTOR}", None),
        (f" {VECTOR} , v1=", None),
        (VECTOR.upper(), (401, "bad_signature")),
        (VECTOR.removeprefix("v1="), (401, "bad_signature")),
        (VECTOR.replace("v1=", "v2="), (401, "bad_signature")),
        (VECTOR[:-1], (401, "bad_signature")),
        ("", (401, "bad_signature")),
        ("é", (401, "bad_signature")),
        ("v1=x," * 50 + VECTOR, (401, "bad_signature")),
    ],
)
def test_signatures(shown: str, expected: tuple[int, str] | None) -> None:
    assert outcome(headers() | {"X-SmartPOS-Signature": shown}) == expected


def test_another_body_timestamp_or_secret_does_not_hold() -> None:
    given = headers()
    assert outcome(given, PING.replace(b"ping", b"pong")) == (401, "bad_signature")
    assert outcome(given | {"X-SmartPOS-Timestamp": str(int(TIMESTAMP) + 1)}) == (401, "bad_signature")
    assert outcome(headers(secret=OTHER)) == (401, "bad_signature")


@pytest.mark.parametrize("secret", [SECRET, OTHER])
def test_two_secrets_hold_while_one_is_being_changed(secret: str) -> None:
    assert outcome(headers(secret=secret), secrets=(SECRET, OTHER)) is None


def test_a_third_secret_does_not_count_and_an_empty_one_never_does() -> None:
    assert outcome(headers(secret="third"), secrets=(SECRET, OTHER, "third")) == (401, "bad_signature")
    for none in ((), ("",), ("", "")):
        assert outcome(headers(secret=""), secrets=none) == (401, "bad_signature")
    assert outcome(headers(), secrets=("", SECRET)) is None


def test_names_of_headers_in_any_case() -> None:
    assert outcome({name.lower(): value for name, value in headers().items()}) is None


# --- What it says -----------------------------------------------------------------------------------------
def test_a_ping() -> None:
    delivery = read_delivery(PING)
    assert (delivery.event, delivery.is_ping, delivery.sent_at) == ("ping", True, NOW)
    assert (delivery.records, delivery.bad) == ([], [])


def test_a_sale_reads_as_in_the_feed() -> None:
    body = {"event": "sale.upserted", "sent_at": "2026-03-05T14:22:00-03:00", "sales": [SALE]}
    delivery = read_delivery(json.dumps(body).encode())
    assert delivery.is_ping is False
    assert delivery.records == [SALE_RECORD]


def test_one_bad_sale_never_blocks_the_others() -> None:
    rows = [SALE | {"amount": "muito"}, "x", SALE | {"id": "pos-000002"}]
    body = {"event": "sale.upserted", "sent_at": "2026-03-05T14:22:00-03:00", "sales": rows}
    delivery = read_delivery(json.dumps(body).encode())
    assert [record.id for record in delivery.records] == ["pos-000002"]
    assert delivery.bad == [
        BadRow("pos-000001", "amount", "not_a_number"),
        BadRow(None, "", "not_an_object"),
    ]


def enveloped(**changes: Any) -> bytes:
    body = {"event": "sale.upserted", "sent_at": "2026-01-01T00:00:00Z", "sales": []} | changes
    return json.dumps({name: value for name, value in body.items() if value != "gone"}).encode()


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "envelope"),
        (b"{", "envelope"),
        (PING[: len(PING) // 2], "envelope"),
        (b"[]", "envelope"),
        (b"7", "envelope"),
        (b"{}", "envelope"),
        (b"[" * 100_000, "envelope"),
        (enveloped(event="sale.deleted"), "event"),
        (enveloped(event=None), "event"),
        (enveloped(event="gone"), "event"),
        (enveloped(event=["ping"]), "event"),
        (enveloped(sent_at="gone"), "sent_at"),
        (enveloped(sent_at="hoje"), "sent_at"),
        (enveloped(sent_at=1767225600), "sent_at"),
        (enveloped(sales="gone"), "sales"),
        (enveloped(sales={"id": "1"}), "sales"),
        (enveloped(sales=None), "sales"),
        (enveloped(sales=[{"id": "1"}] * 501), "too_many_sales"),
    ],
)
def test_an_envelope_that_is_not_right(body: bytes, reason: str) -> None:
    with pytest.raises(DeliveryRefused) as raised:
        read_delivery(body)
    assert (raised.value.status, raised.value.reason) == (422, reason)
    assert raised.value.__context__ is None


def test_as_many_sales_as_may_come() -> None:
    rows = [SALE | {"id": f"pos-{number}"} for number in range(500)]
    assert len(read_delivery(enveloped(sales=rows)).records) == 500
