"""A row of the file the bridge prints (`smartpos.md` §2.4): which column is what, and what its cells say.

Pure: texts in, a `PosSaleRecord` or one word for what is wrong out. Knows neither files nor the database.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import TypeVar
from zoneinfo import ZoneInfo

from customers.search import fold_name
from smartbis_admin.api.pos import MAX_TEXT, PosBuyer, PosMethod, PosSaleRecord, PosStatus

W = TypeVar("W")
#: Heading as `fold_name` writes it -> field.
HEADINGS = {
    "id da venda": "id",
    "data da venda": "date",
    "hora": "time",
    "adquirente": "acquirer",
    "codigo da maquina": "machine_id",
    "serie do terminal": "terminal_serial",
    "nsu": "nsu",
    "codigo de autorizacao": "authorization_code",
    "loja": "store_id",
    "valor": "amount",
    "parcelas": "installments",
    "forma de pagamento": "payment_method",
    "situacao": "status",
    "cpf": "cpf",
    "telefone": "phone",
    "e mail": "email",
    "nome do cliente": "name",
}
REQUIRED = ("date", "amount", "payment_method", "status")
_METHODS = {
    "credito": PosMethod.CREDIT,
    "debito": PosMethod.DEBIT,
    "pix": PosMethod.PIX,
    "vale": PosMethod.VOUCHER,
    "dinheiro": PosMethod.CASH,
}
_STATUSES = {
    "aprovada": PosStatus.APPROVED,
    "cancelada": PosStatus.CANCELLED,
    "estornada": PosStatus.REFUNDED,
}
_DATE = re.compile(r"(\d{2})/(\d{2})/(\d{4})(?: (\d{2}:\d{2}(?::\d{2})?))?")
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")
#: As printed, and as a spreadsheet's own number is read.
_PRINTED = re.compile(r"-?(?:\d{1,3}(?:\.\d{3})+|\d+)(?:,\d{1,2})?")
_NATIVE = re.compile(r"-?\d+\.\d{1,6}")
_CENT = Decimal("0.01")
_NOON = time(12)
DAY, MINUTE, EXACT = timedelta(days=1), timedelta(minutes=1), timedelta(0)


class RowError(Exception):
    """A row that cannot be imported: the field it failed at, and one word why."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field} {reason}")
        self.field, self.reason = field, reason


def read_header(cells: Sequence[str]) -> tuple[dict[str, list[int]], list[str]]:
    """Field -> its columns, and the headings nobody asked for. Raises `RowError` (`missing_header`).

    A heading that stands twice is read from both, as long as they do not contradict each other.
    """
    columns: dict[str, list[int]] = {}
    ignored = []
    for column, cell in enumerate(cells):
        field = HEADINGS.get(fold_name(cell))
        if field is None:
            ignored.append(cell)
        else:
            columns.setdefault(field, []).append(column)
    if missing := [field for field in REQUIRED if field not in columns]:
        raise RowError(missing[0], "missing_header")
    return columns, [cell for cell in ignored if cell]


def read_row(
    cells: Sequence[str], columns: Mapping[str, Sequence[int]], zone: ZoneInfo
) -> tuple[PosSaleRecord, timedelta]:
    """The sale of a row, and how exactly its time is told. `zone`: that of the machines. Raises `RowError`."""
    if "\ufffd" in "".join(cells):
        raise RowError("", "broken_text")

    def cell(field: str) -> str:
        told = {cells[column] for column in columns.get(field, ()) if column < len(cells)} - {""}
        if len(told) > 1:
            raise RowError(field, "doubled_header")
        return told.pop() if told else ""

    for field in REQUIRED:
        if not cell(field):
            raise RowError(field, "missing")
    day, at, within = _moment(cell("date"), cell("time"))
    amount = _amount(cell("amount"))
    texts = {
        field: _text(field, cell(field))
        for field in (
            "machine_id", "acquirer", "terminal_serial", "nsu", "authorization_code", "store_id",
        )
    }  # fmt: skip
    record = PosSaleRecord(
        id=_text("id", cell("id")) or _made_id(texts, day, amount),
        amount=amount,
        status=_word("status", cell("status"), _STATUSES),
        sold_at=datetime.combine(day, at, tzinfo=zone),
        installments=_installments(cell("installments")),
        payment_method=_word("payment_method", cell("payment_method"), _METHODS),
        customer=_buyer(cell("cpf"), cell("phone"), cell("email"), cell("name")),
        **texts,
    )
    return record, within


def _made_id(texts: Mapping[str, str], day: date, amount: Decimal) -> str:
    """The id of a sale printed without one."""
    if not (texts["nsu"] or texts["authorization_code"]):
        raise RowError("id", "no_id")
    told = [texts[name] for name in ("acquirer", "terminal_serial", "nsu", "authorization_code")]
    message = "|".join([*(text.strip().lower() for text in told), day.isoformat(), f"{amount:.2f}"])
    return f"file:{hashlib.sha256(message.encode()).hexdigest()[:32]}"


def _moment(day_text: str, time_text: str) -> tuple[date, time, timedelta]:
    match = _DATE.fullmatch(day_text)
    if match is None:
        raise RowError("date", "not_a_date")
    try:
        day = date(int(match[3]), int(match[2]), int(match[1]))
    except ValueError:
        raise RowError("date", "not_a_date") from None
    # A spreadsheet's own date may carry the time, and its own time of day a date.
    time_text = time_text or match[4] or ""
    if not time_text:
        return day, _NOON, DAY
    clock = _TIME.fullmatch(time_text.rpartition(" ")[2])
    try:
        at = time(int(clock[1]), int(clock[2]), int(clock[3] or 0)) if clock else None
    except ValueError:
        at = None
    if clock is None or at is None:
        raise RowError("time", "not_a_time")
    return day, at, EXACT if clock[3] else MINUTE


def _amount(text: str) -> Decimal:
    plain = text.replace("R$", "").replace(" ", "").replace("\xa0", "")
    if _PRINTED.fullmatch(plain):
        number = plain.replace(".", "").replace(",", ".")
    elif _NATIVE.fullmatch(plain):
        number = plain
    else:
        raise RowError("amount", "not_a_number")
    try:
        amount = Decimal(number)
        cents = amount.quantize(_CENT)
    except InvalidOperation:
        raise RowError("amount", "absurd_amount") from None
    if cents != amount:
        raise RowError("amount", "not_in_cents")
    return cents


def _installments(text: str) -> int:
    if not text:
        return 1
    number = text.removesuffix("x").strip()
    if not (number.isascii() and number.isdigit()) or not 1 <= int(number) <= 999:
        raise RowError("installments", "not_a_whole_number")
    return int(number)


def _word(field: str, text: str, words: Mapping[str, W]) -> W:
    found = words.get(fold_name(text))
    if found is None:
        raise RowError(field, "not_a_word")
    return found


def _text(field: str, text: str) -> str:
    if len(text) > MAX_TEXT:
        raise RowError(field, "too_long")
    return text


def _buyer(cpf: str, phone: str, email: str, name: str) -> PosBuyer | None:
    if not (cpf or phone or email or name):
        return None
    return PosBuyer(cpf=cpf or None, phone=phone or None, email=email or None, name=name or None)
