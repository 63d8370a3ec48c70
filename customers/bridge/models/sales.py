"""A sale of a card machine, its state and flags, every step of its life, and the reversal it may need."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from customers.bridge.models.account import Bridge, PosMachine
from customers.bridge.models.feeds import Road
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import Store
from smartbis_admin.sync.models import remote_link
from smartbis_admin.writes.models import Write


class PosSale(models.Model):
    """One sale as SmartPOS tells it (`smartpos.md` §2.1) and what became of it here (§3).

    `state`, `reason` and the flags are changed by `life.py` alone.
    """

    class State(models.TextChoices):
        RECEIVED = "received", _("Recebida")
        MATCHED = "matched", _("Vinculada")
        UNIDENTIFIED = "unidentified", _("Não identificada")
        ELIGIBLE = "eligible", _("Elegível")
        INELIGIBLE = "ineligible", _("Não elegível")
        REGISTERED = "registered", _("Registrada")
        IN_DOUBT = "in_doubt", _("A confirmar – não repita")
        REJECTED = "rejected", _("Rejeitada")
        REVERSED = "reversed", _("Estornada")

    class Status(models.TextChoices):
        """What the machine says of it."""

        APPROVED = "approved", _("Aprovada")
        CANCELLED = "cancelled", _("Cancelada")
        REFUNDED = "refunded", _("Devolvida")
        #: A word that is none of the contract's; it earns nothing.
        UNKNOWN = "unknown", _("Desconhecida")

    class Method(models.TextChoices):
        CREDIT = "credit", _("Crédito")
        DEBIT = "debit", _("Débito")
        PIX = "pix", _("Pix")
        #: A meal or food card, not a voucher of the programme.
        VOUCHER = "voucher", _("Vale")
        CASH = "cash", _("Dinheiro")
        UNKNOWN = "unknown", pgettext_lazy("payment method", "Outra")

    #: States the program itself still walks on from.
    MOVING: ClassVar = (State.RECEIVED, State.MATCHED, State.ELIGIBLE)

    bridge = models.ForeignKey(Bridge, on_delete=models.PROTECT, related_name="sales")
    remote_id = models.CharField(_("ID da venda"), max_length=200)
    #: The road it came in by first.
    road = models.CharField(_("origem"), max_length=4, choices=Road)
    machine_remote_id = models.CharField(_("código da máquina"), max_length=120, blank=True)
    machine = models.ForeignKey(
        PosMachine,
        verbose_name=_("maquininha"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="sales",
    )
    acquirer = models.CharField(_("adquirente"), max_length=120, blank=True)
    terminal_serial = models.CharField(_("série do terminal"), max_length=120, blank=True)
    nsu = models.CharField(_("NSU"), max_length=120, blank=True)
    authorization_code = models.CharField(_("código de autorização"), max_length=120, blank=True)
    store_remote_id = models.CharField(_("loja no SmartPOS"), max_length=120, blank=True)
    #: Which of our stores that is: the machine's, else the one SmartPOS's store stands for.
    store = models.ForeignKey(
        Store, verbose_name=_("loja"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    amount = models.DecimalField(_("valor da venda"), max_digits=14, decimal_places=2)
    installments = models.PositiveSmallIntegerField(_("parcelas"), default=1)
    payment_method = models.CharField(_("forma de pagamento"), max_length=8, choices=Method)
    status = models.CharField(_("situação na maquininha"), max_length=9, choices=Status)
    sold_at = models.DateTimeField(_("quando"))

    #: Buyer data as far as it came: 11 digits, E.164, small letters; what could not be understood, as it
    #: came. Erased once the sale is long over (`retention.py`).
    buyer_cpf = models.CharField(_("CPF"), max_length=40, blank=True)
    buyer_phone = models.CharField(_("telefone"), max_length=40, blank=True)
    buyer_email = models.CharField(_("e-mail"), max_length=254, blank=True)
    buyer_name = models.CharField(_("nome do cliente"), max_length=200, blank=True)
    #: Hash of everything but the status, and of amount, time and buyer alone.
    digest = models.CharField(max_length=32, editable=False)
    core_digest = models.CharField(max_length=32, editable=False)

    state = models.CharField(_("situação"), max_length=12, choices=State, default=State.RECEIVED)
    #: Why it is there: a word of `words.REASONS`; of a rejected one, the platform's code.
    reason = models.CharField(_("motivo"), max_length=60, blank=True)
    state_since = models.DateTimeField(_("desde"))
    received_at = models.DateTimeField(_("recebida em"))

    conflicting_data = models.BooleanField(_("dados do comprador divergentes"), default=False)
    changed_after_send = models.BooleanField(_("alterada depois do envio"), default=False)
    reversal_due = models.BooleanField(_("estorno a fazer"), default=False)
    #: The content that came after the send, kept beside until a person looked at it.
    later_content: Any = models.JSONField(null=True)

    #: The programme it was matched in, and its customer there.
    connection = models.ForeignKey(
        Connection, verbose_name=_("programa"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    customer_remote_id = models.CharField(max_length=128, null=True)
    customer = remote_link("customers.Customer", "customer_remote_id", related_name="pos_sales")
    #: The person who linked the customer; None: found by the program.
    linked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    #: The present intent in the ledger, and how many came before it.
    write = models.OneToOneField(
        Write, verbose_name=_("envio"), null=True, on_delete=models.PROTECT, related_name="pos_sale"
    )
    attempt = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("venda de maquininha")
        verbose_name_plural = _("vendas de maquininhas")
        ordering = ["-sold_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["bridge", "remote_id"], name="pos_sale_once")]
        indexes = [
            models.Index(fields=["-sold_at", "-id"], name="pos_sale_newest"),
            models.Index(fields=["state", "-sold_at", "-id"], name="pos_sale_state"),
            models.Index(
                fields=["reason", "-sold_at", "-id"], condition=~Q(reason=""), name="pos_sale_reason"
            ),
            models.Index(fields=["machine", "-sold_at", "-id"], name="pos_sale_machine"),
            models.Index(fields=["store", "-sold_at", "-id"], name="pos_sale_store"),
            models.Index(
                fields=["connection", "customer_remote_id", "-sold_at"],
                condition=Q(customer_remote_id__isnull=False),
                name="pos_sale_customer",
            ),
            # What the worker takes next, and what waits for its age or its buyer.
            models.Index(
                fields=["bridge", "state", "id"],
                condition=Q(state__in=["received", "matched", "eligible", "in_doubt"]),
                name="pos_sale_moving",
            ),
            models.Index(
                fields=["state_since", "id"], condition=Q(state="unidentified"), name="pos_sale_waiting"
            ),
            models.Index(
                fields=["buyer_cpf"],
                condition=Q(state="unidentified") & ~Q(buyer_cpf=""),
                name="pos_sale_cpf_waiting",
            ),
            # Suspected duplicates under another id.
            models.Index(fields=["nsu", "terminal_serial"], condition=~Q(nsu=""), name="pos_sale_nsu"),
            models.Index(
                fields=["-sold_at", "-id"], condition=Q(reversal_due=True), name="pos_sale_reversal_due"
            ),
            models.Index(
                fields=["-sold_at", "-id"],
                condition=Q(conflicting_data=True) | Q(changed_after_send=True),
                name="pos_sale_flagged",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.remote_id} {self.sold_at:%Y-%m-%d}"

    @property
    def is_being_sent(self) -> bool:
        """Whether an intent is open: sent, or about to be, with no known end."""
        return self.write is not None and self.write.is_open


class PosSaleEvent(models.Model):
    """One step in the life of a sale: a transition, or a flag raised or lowered (then both states are equal).

    Rows are only ever added.
    """

    sale = models.ForeignKey(PosSale, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField(_("quando"))
    #: A word of `life.Event`.
    event = models.CharField(_("o que aconteceu"), max_length=24)
    #: Empty for the first one.
    from_state = models.CharField(max_length=12, choices=PosSale.State, blank=True)
    to_state = models.CharField(_("situação"), max_length=12, choices=PosSale.State)
    reason = models.CharField(_("motivo"), max_length=60, blank=True)
    #: What the person wrote.
    note = models.CharField(_("observação"), max_length=300, blank=True)
    #: None: the program itself.
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("quem"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )

    class Meta:
        verbose_name = _("passo da venda")
        verbose_name_plural = _("passos da venda")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.sale_id} {self.event}"


class PosReversal(models.Model):
    """The reversal a registered sale needs in the Smartbis panel, from the cancellation to a person's word."""

    sale = models.OneToOneField(PosSale, on_delete=models.PROTECT, related_name="reversal")
    opened_at = models.DateTimeField(_("aberto em"))
    #: What the machine said: cancelled or refunded.
    cause = models.CharField(_("causa"), max_length=9, choices=PosSale.Status)
    #: Steps of `services.REVERSAL_STEPS` a person ticked -> ISO time.
    checklist: Any = models.JSONField(default=dict)
    #: What the panel shows now, in the words of whoever looked.
    evidence = models.CharField(_("o que o painel mostra"), max_length=300, blank=True)
    confirmed_at = models.DateTimeField(_("confirmado em"), null=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("confirmado por"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    #: It turned out that nothing had been registered, so nothing is to be reversed.
    dropped_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("estorno de venda")
        verbose_name_plural = _("estornos de vendas")
        ordering = ["-opened_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.sale_id} {self.cause}"
