"""What needs somebody today, each with the way to act. Read when asked: all of it is few or already computed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from customers.bridge.waiting import count_waiting
from customers.models import Consent
from rewards.models import Reward, reward_status_is
from rewards.outlook import Outlook, outlook
from smartbis_admin.staff.access import Access
from smartbis_admin.sync.models import SyncRun
from smartbis_admin.sync.words import explain_run
from smartbis_admin.ui.formats import money, number
from smartbis_admin.ui.navigation import may
from smartbis_admin.writes.models import Write
from vouchers.contingency.models import ContingencyUse
from vouchers.outreach.models import Message
from vouchers.outreach.writes import SendWhatsApp

#: A reward whose stock lasts no longer than this is about to run out.
RUNS_OUT_WITHIN = timedelta(days=7)
#: A list that was not read completely for so long is old.
OLD_AFTER = timedelta(hours=36)
FEW = 5


@dataclass(frozen=True)
class Alert:
    """One thing to look at: how urgent (`tone`), what, and where to act."""

    tone: str
    icon: str
    text: str
    action: str
    url: str


@dataclass(frozen=True)
class Scarce:
    """A reward that is out, low, or about to run out."""

    reward: Reward
    outlook: Outlook | None


def scarce_rewards() -> list[Scarce]:
    """Rewards that can be had and soon cannot, the emptiest first. One query: rewards are few."""
    now = timezone.now()
    last = timezone.localdate() + RUNS_OUT_WITHIN
    rows = Reward.objects.select_related("watch").filter(
        Q(withdrawn_at=None, stock__isnull=False) & reward_status_is(Reward.Status.ACTIVE, now)
    )
    found = []
    for reward in rows.order_by("stock", "name", "pk"):
        told = outlook(reward)
        soon = told is not None and told.out_on is not None and told.out_on <= last
        if soon or reward.stock_level in (Reward.StockLevel.LOW, Reward.StockLevel.OUT):
            found.append(Scarce(reward, told))
    return found


def alerts(user: Any, known: Mapping[str, Any], lines: list[Any], scarce: list[Scarce] | None) -> list[Alert]:
    """What this person can do something about, the most urgent first."""
    found: list[Alert] = []
    if may(user, Access.SETTLE_WRITES):
        found += _in_doubt()
    if may(user, Access.MANAGE_MESSAGES):
        found += _emails_in_doubt()
    if may(user, Access.SETTLE_CONTINGENCY):
        found += _conflicts()
    if may(user, Access.SETTLE_POS_SALES):
        found += _pos_sales()
    if may(user, Access.SEE_SYNC):
        found += _sync(lines)
    if scarce and may(user, Access.SEE_REWARDS):
        found += _stock(scarce)
    if "vouchers" in known and may(user, Access.SEE_VOUCHERS):
        found += _expiring(known["vouchers"]["expiring"]["7"])
    urgency = {"danger": 0, "warning": 1, "info": 2}
    return sorted(found, key=lambda alert: urgency[alert.tone])


def _in_doubt() -> Iterator[Alert]:
    """What platforms were asked and nobody knows the answer of; messages are named for what they are. One query."""
    by_whatsapp, inbox = Q(kind=SendWhatsApp.name), reverse("writes:in_doubt")
    counted = Write.objects.filter(state=Write.State.IN_DOUBT).aggregate(
        messages=Count("pk", filter=by_whatsapp), others=Count("pk", filter=~by_whatsapp)
    )
    if counted["others"]:
        text = ngettext(
            "%(n)s envio está a confirmar. Não o repita.",
            "%(n)s envios estão a confirmar. Não os repita.",
            counted["others"],
        )
        yield _unsure(text, counted["others"], inbox)
    if counted["messages"]:
        text = ngettext(
            "%(n)s mensagem por WhatsApp está a confirmar. Não a repita.",
            "%(n)s mensagens por WhatsApp estão a confirmar. Não as repita.",
            counted["messages"],
        )
        yield _unsure(text, counted["messages"], f"{inbox}?kind={SendWhatsApp.name}")


def _emails_in_doubt() -> Iterator[Alert]:
    """E-mails are no writes of the ledger: they are settled where messages are."""
    count = Message.objects.filter(state=Message.State.IN_DOUBT, channel=Consent.Channel.EMAIL).count()
    if count:
        text = ngettext(
            "%(n)s e-mail está a confirmar. Não o repita.",
            "%(n)s e-mails estão a confirmar. Não os repita.",
            count,
        )
        yield _unsure(text, count, f"{reverse('outreach:message_list')}?state=in_doubt&channel=email")


def _unsure(text: str, count: int, url: str) -> Alert:
    return Alert("warning", "clock-question", text % {"n": number(count)}, _("Resolver"), url)


def _conflicts() -> Iterator[Alert]:
    count = ContingencyUse.objects.filter(state=ContingencyUse.State.CONFLICT).count()
    if count:
        text = ngettext(
            "%(n)s voucher aceito em contingência não foi confirmado pela plataforma.",
            "%(n)s vouchers aceitos em contingência não foram confirmados pela plataforma.",
            count,
        )
        url = f"{reverse('contingency:list')}?state=conflict"
        yield Alert("danger", "alert-triangle", text % {"n": number(count)}, _("Resolver"), url)


def _pos_sales() -> Iterator[Alert]:
    """Sales of card machines that wait for somebody; those in doubt are counted with every other write."""
    waiting, inbox = count_waiting(), reverse("bridge:list")
    if waiting.reversal:
        text = ngettext(
            "%(n)s venda de maquininha foi cancelada depois de registrada: há um estorno a fazer.",
            "%(n)s vendas de maquininhas foram canceladas depois de registradas: há estornos a fazer.",
            waiting.reversal,
        )
        yield Alert(
            "danger",
            "arrow-back-up",
            text % {"n": number(waiting.reversal)},
            _("Resolver"),
            f"{inbox}?flag=reversal_due",
        )
    if waiting.unidentified:
        text = ngettext(
            "%(n)s venda de maquininha espera a identificação do cliente.",
            "%(n)s vendas de maquininhas esperam a identificação do cliente.",
            waiting.unidentified,
        )
        yield Alert(
            "warning",
            "user-off",
            text % {"n": number(waiting.unidentified)},
            _("Identificar"),
            f"{inbox}?state=unidentified",
        )


def _sync(lines: list[Any]) -> Iterator[Alert]:
    now = timezone.now()
    for line in lines:
        run: SyncRun | None = line.latest
        if run and run.state in (
            SyncRun.State.FAILED,
            SyncRun.State.INCOMPLETE,
            SyncRun.State.NEEDS_ATTENTION,
        ):
            text = _("%(list)s: %(reason)s") % {
                "list": str(line.label).capitalize(),
                "reason": explain_run(run),
            }
            tone = "danger" if run.state == SyncRun.State.FAILED else "warning"
            yield Alert(tone, "cloud-off", text, _("Ver a execução"), reverse("sync:run", args=[run.pk]))
        elif line.last_complete and now - line.last_complete.finished_at > OLD_AFTER:
            text = _("%(list)s: a última leitura completa tem mais de %(hours)s horas.") % {
                "list": str(line.label).capitalize(),
                "hours": number(int(OLD_AFTER.total_seconds()) // 3600),
            }
            yield Alert("warning", "clock", text, _("Sincronizar"), reverse("sync:overview"))


def _stock(scarce: list[Scarce]) -> Iterator[Alert]:
    out = [one for one in scarce if one.reward.stock == 0]
    rewards = reverse("rewards:list")
    if out:
        text = ngettext(
            "%(n)s recompensa está sem estoque.", "%(n)s recompensas estão sem estoque.", len(out)
        )
        yield Alert(
            "danger",
            "package",
            text % {"n": number(len(out))},
            _("Repor"),
            f"{rewards}?status=active&stock=out",
        )
    low = len(scarce) - len(out)
    if low:
        text = ngettext("%(n)s recompensa está acabando.", "%(n)s recompensas estão acabando.", low)
        yield Alert(
            "warning", "package", text % {"n": number(low)}, _("Ver"), f"{rewards}?status=active&sort=stock"
        )


def _expiring(told: Mapping[str, Any]) -> Iterator[Alert]:
    count = told["count"]
    if count:
        text = ngettext(
            "%(n)s voucher vence em até 7 dias, no valor de %(value)s.",
            "%(n)s vouchers vencem em até 7 dias, no valor de %(value)s.",
            count,
        ) % {"n": number(count), "value": money(Decimal(told["value"]))}
        yield Alert(
            "info",
            "calendar-due",
            text,
            _("Ver a lista"),
            f"{reverse('vouchers:list')}?expiring=7&sort=expires_at",
        )
