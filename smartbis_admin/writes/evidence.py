"""Readings made while settling, in words for a person."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from smartbis_admin.ui.formats import datetime_local, money, points

Line = tuple[str | Promise, str]

_STRENGTH = {"strong": _("forte"), "weak": _("fraca"), "none": _("nenhuma mudança de saldo")}
_STATUS = {
    "issued": _("emitido"),
    "used": _("usado"),
    "expired": _("vencido"),
    "cancelled": _("cancelado"),
}


def describe(found: Mapping[str, Any]) -> list[Line]:
    """One reading as label and text. Only what a person needs to decide; nothing personal is in it."""
    lines: list[Line] = []
    if "status" in found:
        status = _STATUS.get(found["status"], found["status"])
        lines.append((_("Situação na plataforma"), str(status)))
    if found.get("used_at"):
        lines.append((_("Usado em"), datetime_local(datetime.fromisoformat(found["used_at"]))))
    if "stock" in found:
        lines.append(
            (_("Estoque na plataforma"), str(_("ilimitado") if found["stock"] is None else found["stock"]))
        )
    if "listed" in found:
        lines.append((_("Está na lista da plataforma"), str(_("sim") if found["listed"] else _("não"))))
    if "receipt" in found:
        lines.append((_("Recibo do WhatsApp"), str(_("sim") if found["receipt"] else _("não"))))
    if found.get("matches") is not None:
        lines.append((_("Clientes com este CPF"), str(found["matches"])))
    if found.get("note") == "already_existed":
        lines.append((_("Observação"), str(_("o cliente já existia antes do envio"))))
    rise = found.get("rise") or {}
    if "cashback" in rise:
        lines.append((_("Mudança no saldo de cashback"), money(Decimal(rise["cashback"]))))
    if "points" in rise:
        lines.append((_("Mudança no saldo de pontos"), points(Decimal(rise["points"]))))
    if found.get("voucher_value"):
        lines.append((_("Voucher emitido na hora do envio"), money(Decimal(found["voucher_value"]))))
    if "strength" in found:
        lines.append((_("Evidência"), str(_STRENGTH.get(found["strength"], found["strength"]))))
    return lines
