"""One SmartPOS account as people set it up: the programme it feeds, its machines, its stores, its check."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import Store


class Bridge(models.Model):
    """One SmartPOS connection, the programme its sales go to, and how far its feeds were read.

    Source: `smartpos.md` §1, §2.2.
    """

    class Mode(models.TextChoices):
        """Who registers the sales (`smartpos.md` §1, double credit). A person chooses; there is no default."""

        REGISTER = "register", _("Nós registramos as vendas")
        OBSERVE = "observe", _("Só acompanhar: o painel da Smartbis registra")

    connection = models.OneToOneField(
        Connection, verbose_name=_("conexão"), on_delete=models.PROTECT, related_name="bridge"
    )
    #: The programme the buyers are customers of; None until a person chose it.
    target = models.ForeignKey(
        Connection, verbose_name=_("programa"), null=True, on_delete=models.PROTECT, related_name="fed_by"
    )
    mode = models.CharField(_("quem registra as vendas"), max_length=8, choices=Mode, blank=True)
    #: Who chose it last; sales are registered in this person's name.
    mode_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    mode_at = models.DateTimeField(null=True)
    #: Register buyers nobody knows, when their sale carries CPF, name and phone.
    creates_customers = models.BooleanField(_("cadastrar clientes desconhecidos"), default=False)

    #: Step of the assistant -> ISO time at which a person said it is done, for what only a person can say.
    setup: Any = models.JSONField(default=dict, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    #: Where to ask on; empty: from the beginning. Stored only after what it follows is committed.
    sales_cursor = models.TextField(blank=True, editable=False)
    buyers_cursor = models.TextField(blank=True, editable=False)
    #: When a feed was last read to its end.
    pulled_at = models.DateTimeField(_("última leitura"), null=True, editable=False)
    machines_at = models.DateTimeField(null=True, editable=False)
    buyers_at = models.DateTimeField(null=True, editable=False)
    pushed_at = models.DateTimeField(_("último envio recebido"), null=True, editable=False)
    pinged_at = models.DateTimeField(null=True, editable=False)
    #: When the last new or changed sale came in by any road.
    last_event_at = models.DateTimeField(_("última venda recebida"), null=True, editable=False)

    #: Leases: who reads the feeds, who walks sales along. Void once their time is over.
    pull_worker = models.UUIDField(null=True, editable=False)
    pull_until = models.DateTimeField(null=True, editable=False)
    work_worker = models.UUIDField(null=True, editable=False)
    work_until = models.DateTimeField(null=True, editable=False)
    #: Why sending waits: class of an `ApiError` and its cause; empty while it flows.
    waits_for = models.CharField(max_length=40, blank=True, editable=False)
    waits_cause = models.CharField(max_length=40, blank=True, editable=False)

    class Meta:
        verbose_name = _("ponte SmartPOS")
        verbose_name_plural = _("pontes SmartPOS")
        ordering = ["pk"]

    def __str__(self) -> str:
        return str(self.connection)


class PosStore(models.Model):
    """A store as SmartPOS names it, and which of ours it is."""

    bridge = models.ForeignKey(Bridge, on_delete=models.CASCADE, related_name="stores")
    remote_id = models.CharField(_("loja no SmartPOS"), max_length=120)
    store = models.ForeignKey(
        Store, verbose_name=_("loja"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("loja do SmartPOS")
        verbose_name_plural = _("lojas do SmartPOS")
        ordering = ["remote_id", "pk"]
        constraints = [models.UniqueConstraint(fields=["bridge", "remote_id"], name="pos_store_once")]

    def __str__(self) -> str:
        return self.remote_id


class PosMachine(models.Model):
    """A card machine: from the list of SmartPOS, or only met in a sale."""

    bridge = models.ForeignKey(Bridge, on_delete=models.CASCADE, related_name="machines")
    remote_id = models.CharField(_("código"), max_length=120)
    acquirer = models.CharField(_("adquirente"), max_length=120, blank=True)
    terminal_serial = models.CharField(_("série do terminal"), max_length=120, blank=True)
    label = models.CharField(_("nome"), max_length=120, blank=True)
    store_remote_id = models.CharField(_("loja no SmartPOS"), max_length=120, blank=True)
    #: Which of our stores it stands in; None: whatever its sales say.
    store = models.ForeignKey(
        Store, verbose_name=_("loja"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    is_active = models.BooleanField(_("ativa"), default=True)
    #: Whether it stood in the newest whole list; False also for one only met in a sale.
    is_listed = models.BooleanField(_("na lista do SmartPOS"), default=False)
    last_seen_at = models.DateTimeField(_("vista em"), null=True)
    last_sale_at = models.DateTimeField(_("última venda"), null=True)

    class Meta:
        verbose_name = _("maquininha")
        verbose_name_plural = _("maquininhas")
        ordering = ["label", "remote_id", "pk"]
        constraints = [models.UniqueConstraint(fields=["bridge", "remote_id"], name="pos_machine_once")]

    def __str__(self) -> str:
        return self.label or self.remote_id


class PosBuyer(models.Model):
    """A buyer SmartPOS knows, kept for one use: to propose a customer for a sale that says too little."""

    bridge = models.ForeignKey(Bridge, on_delete=models.CASCADE, related_name="buyers")
    remote_id = models.CharField(max_length=120)
    #: As `PosSale` keeps them.
    cpf = models.CharField(_("CPF"), max_length=40, blank=True)
    phone = models.CharField(_("telefone"), max_length=40, blank=True)
    email = models.CharField(_("e-mail"), max_length=254, blank=True)
    name = models.CharField(_("nome"), max_length=200, blank=True)
    updated_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("comprador")
        verbose_name_plural = _("compradores")
        constraints = [models.UniqueConstraint(fields=["bridge", "remote_id"], name="pos_buyer_once")]
        indexes = [
            models.Index(fields=["bridge", "phone"], name="pos_buyer_phone"),
            models.Index(fields=["bridge", "email"], name="pos_buyer_email"),
        ]

    def __str__(self) -> str:
        return self.remote_id


class ReferenceSale(models.Model):
    """One try of the guided check from machine to benefit (`smartpos.md` §1, step 4). Repeatable.

    It passed once its sale reached `registered` and a person confirmed customer, amount and benefit.
    """

    bridge = models.ForeignKey(Bridge, on_delete=models.CASCADE, related_name="reference_sales")
    started_at = models.DateTimeField(_("iniciada em"))
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    #: What is expected to come, as far as the person said.
    machine = models.ForeignKey(
        PosMachine, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    amount = models.DecimalField(_("valor da venda"), max_digits=14, decimal_places=2, null=True, blank=True)
    sale = models.ForeignKey(
        "bridge.PosSale", null=True, on_delete=models.PROTECT, related_name="reference_checks"
    )
    ended_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(_("confirmada em"), null=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    #: What the person looked at: {"customer": true, "amount": true, "benefit": true}.
    looked_at: Any = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("venda de teste")
        verbose_name_plural = _("vendas de teste")
        ordering = ["-started_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.bridge_id} {self.started_at:%Y-%m-%d %H:%M}"
