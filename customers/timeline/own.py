"""What this room tells of a customer: registration, balances as read, sales, and what people noted here."""

from datetime import datetime

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from customers.models import Consent, Customer, Note, Sale, Tagging
from customers.timeline.engine import Event, Source, register
from smartbis_admin.api.capabilities import Resource
from smartbis_admin.staff.access import Access
from smartbis_admin.sync.models import Drift
from smartbis_admin.ui.formats import day, money, points
from smartbis_admin.writes.models import Write

_PEOPLE = ("added_by", "removed_by", "tag")
SALES: dict[str, tuple[str | Promise, str]] = {
    Write.State.PENDING: (_("Venda de %(amount)s enviada: a confirmar"), "warning"),
    Write.State.IN_DOUBT: (_("Venda de %(amount)s a confirmar – não repita"), "warning"),
    Write.State.DONE: (_("Venda de %(amount)s registrada"), "success"),
    Write.State.REFUSED: (_("Venda de %(amount)s recusada pela plataforma"), "danger"),
    Write.State.NOT_SENT: (_("Venda de %(amount)s não enviada"), "neutral"),
    Write.State.NOT_DONE: (_("Venda de %(amount)s não realizada"), "neutral"),
    Write.State.ABANDONED: (_("Venda de %(amount)s: não se descobriu o que houve"), "neutral"),
}
SIGN_UPS: dict[str, tuple[str | Promise, str]] = {
    Write.State.PENDING: (_("Cadastro enviado: a confirmar"), "warning"),
    Write.State.IN_DOUBT: (_("Cadastro a confirmar – não repita"), "warning"),
    Write.State.DONE: (_("Cadastrado por aqui"), "success"),
    Write.State.REFUSED: (_("Cadastro recusado pela plataforma"), "danger"),
    Write.State.NOT_SENT: (_("Cadastro não enviado"), "neutral"),
    Write.State.NOT_DONE: (_("Cadastro não realizado"), "neutral"),
    Write.State.ABANDONED: (_("Cadastro: não se descobriu o que houve"), "neutral"),
}
DRIFTS: dict[str, str | Promise] = {
    Drift.Kind.CHANGED: _("Dados alterados na plataforma"),
    Drift.Kind.BALANCE: _("Saldo mudou sem venda daqui"),
    Drift.Kind.MISSING: _("Sumiu da lista da plataforma"),
    Drift.Kind.WITHDRAWN: _("Retirado da plataforma"),
    Drift.Kind.BACK: _("Voltou à lista da plataforma"),
}


def _created(row: Customer, known_at: datetime) -> Event:
    return Event(_("Cadastrado na plataforma"), "user-plus", "info", known_at=known_at)


def _read(row: Customer, known_at: datetime) -> Event:
    told = []
    if row.cashback_balance is not None:
        told.append(money(row.cashback_balance))
    if row.points_balance is not None:
        told.append(points(row.points_balance))
    return Event(_("Cadastro e saldos como estão"), "database", text=" · ".join(told), known_at=known_at)


def _signed_up(write: Write, known_at: datetime) -> Event:
    title, tone = SIGN_UPS[write.state]
    url = reverse("writes:detail", args=[write.pk]) if write.is_open else ""
    return Event(title, "user-plus", tone, url=url, url_access=Access.SETTLE_WRITES, by=write.actor or "")


def _sold(sale: Sale, known_at: datetime) -> Event:
    title, tone = SALES[sale.write.state]
    gained = []
    if sale.cashback_amount is not None:
        gained.append(money(sale.cashback_amount))
    if sale.points_earned is not None:
        gained.append(points(sale.points_earned))
    place = str(sale.till or sale.store or "")
    return Event(
        title % {"amount": money(sale.amount)},
        "receipt",
        tone,
        " · ".join(filter(None, [*gained, place])),
        reverse("customers:sale_detail", args=[sale.write_id]),
        by=sale.registered_by,
    )


def _noted(note: Note, known_at: datetime) -> Event:
    return Event(_("Nota"), "notes", "neutral", note.text, by=note.author)


def _tagged(row: Tagging, known_at: datetime) -> Event:
    return Event(_("Etiqueta posta: %(tag)s") % {"tag": row.tag}, "tag", by=row.added_by)


def _untagged(row: Tagging, known_at: datetime) -> Event:
    return Event(_("Etiqueta tirada: %(tag)s") % {"tag": row.tag}, "tag", by=row.removed_by or "")


def _consented(row: Consent, known_at: datetime) -> Event:
    title = _("Consentimento dado: %(channel)s") if row.is_given else _("Consentimento retirado: %(channel)s")
    text = _("%(source)s, em %(day)s") % {"source": row.get_source_display(), "day": day(row.said_on)}
    tone = "success" if row.is_given else "warning"
    return Event(
        title % {"channel": row.get_channel_display()}, "shield-lock", tone, text, by=row.recorded_by or ""
    )


def _drifted(drift: Drift, known_at: datetime) -> Event:
    url = reverse("sync:drift_detail", args=[drift.pk])
    return Event(DRIFTS[drift.kind], "transfer", "warning", url=url, known_at=drift.found_at)


register(
    Source("customer", lambda of: Customer.objects.filter(pk=of.pk), "remote_created_at", _created),
    Source("balances", lambda of: Customer.objects.filter(pk=of.pk), "stored_at", _read),
    Source(
        "sign_up",
        lambda of: Write.objects.filter(
            connection=of.connection_id, subject=f"cpf:{of.cpf}", kind="create_customer"
        ).select_related("actor"),
        "created_at",
        _signed_up,
    ),
    Source(
        "sale",
        lambda of: of.sales.select_related("write", "store", "till__store", "registered_by"),
        "sold_at",
        _sold,
    ),
    Source(
        "note",
        lambda of: of.notes.filter(deleted_at=None).select_related("author"),
        "created_at",
        _noted,
        Access.SEE_PERSONAL_DATA,
    ),
    Source("tag", lambda of: of.taggings.select_related(*_PEOPLE), "added_at", _tagged),
    Source("untag", lambda of: of.taggings.select_related(*_PEOPLE), "removed_at", _untagged),
    Source("consent", lambda of: of.consents.select_related("recorded_by"), "recorded_at", _consented),
    Source(
        "drift",
        lambda of: Drift.objects.filter(
            connection=of.connection_id,
            resource=Resource.CUSTOMERS,
            remote_id=of.remote_id,
            kind__in=list(DRIFTS),
        ),
        "found_at",
        _drifted,
        Access.SEE_SYNC,
    ),
)
