"""What a person decides about one sale and about many: each act, its words, and that a denial changes nothing."""

import uuid
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from customers.bridge.models import Bridge, PosReversal, PosSale
from customers.bridge.working import work
from customers.models import Customer
from sandbox.testing import SandboxServer
from smartbis_admin.api.pos import PosStatus
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import AuditEvent, User
from smartbis_admin.ui.models import BulkJob
from smartbis_admin.writes.models import Write
from tests.bridge.conftest import CPFS, life_of, posted, received, record
from tests.customers.conftest import said

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


def at(sale: PosSale, act: str = "") -> str:
    return f"/maquininhas/{sale.pk}/{act}"


@pytest.fixture
def waiting(bridge: Bridge) -> PosSale:
    """A sale nobody was found for."""
    [sale] = received(bridge, record("a", cpf=CPFS[1], name="Bruno Lima", phone="11988880002"))
    work(bridge.pk)
    sale.refresh_from_db()
    assert sale.state == "unidentified"
    return sale


@pytest.fixture
def small(bridge: Bridge, ana: Customer) -> PosSale:
    """Ana's sale, and the rule says that it is a second one of the same slip."""
    told = {"cpf": CPFS[0], "nsu": "1", "terminal_serial": "T", "acquirer": "Stone"}
    _first, second = received(bridge, record("a", **told), record("b", **told))
    work(bridge.pk)
    second.refresh_from_db()
    assert (second.state, second.reason) == ("ineligible", "duplicate")
    return second


@pytest.fixture
def cancelled(bridge: Bridge, ana: Customer) -> PosSale:
    """Ana's sale was registered, then cancelled at the machine."""
    [sale] = received(bridge, record("a", cpf=CPFS[0]))
    work(bridge.pk)
    received(bridge, record("a", cpf=CPFS[0], sold_at=sale.sold_at, status=PosStatus.CANCELLED))
    sale.refresh_from_db()
    assert (sale.state, sale.reversal_due) == ("registered", True)
    return sale


def test_a_customer_is_found_and_linked_and_the_sale_goes_on(
    waiting: PosSale, ana: Customer, manager: User, manager_client: Client, sandbox: SandboxServer
) -> None:
    page = manager_client.get(at(waiting, "cliente/")).content.decode()
    assert "Digite para procurar entre os clientes deste programa." in page
    found = manager_client.post(at(waiting, "cliente/"), {"q": "prado ana"}).content.decode()
    assert "Vincular Ana Prado" in found
    assert "•••.982.247-••" in found
    response = manager_client.post(at(waiting, "cliente/"), {"customer": ana.pk})
    assert (response.url, said(response)) == (at(waiting), ["Cliente vinculado. A venda segue sozinha."])
    waiting.refresh_from_db()
    assert (waiting.state, waiting.customer, waiting.linked_by) == ("matched", ana, manager)
    assert posted(sandbox) == 0
    work(waiting.bridge_id)
    waiting.refresh_from_db()
    assert (waiting.state, posted(sandbox)) == ("registered", 1)


def test_only_customers_of_the_programme_are_found_and_linked(
    waiting: PosSale, manager_client: Client, connection: Connection, customer: object
) -> None:
    other = Connection.objects.create(name="Outra", base_url="https://outra.invalid/")
    stranger = Customer.objects.create(
        connection=other, remote_id="9", content_hash=b"", name="Zilda", name_search="zilda"
    )
    page = manager_client.post(at(waiting, "cliente/"), {"q": "zilda"}).content.decode()
    assert "Nenhum cliente encontrado. Confira o que foi digitado, ou cadastre." in page
    response = manager_client.post(at(waiting, "cliente/"), {"customer": stranger.pk})
    assert said(response) == ["Este cliente não é do programa desta integração. Nada foi feito."]
    waiting.refresh_from_db()
    assert (waiting.state, waiting.customer_remote_id) == ("unidentified", None)
    assert manager_client.post(at(waiting, "cliente/"), {"customer": "x"}).status_code == 404


def test_the_buyer_is_registered_from_the_sale_and_linked(
    waiting: PosSale, manager_client: Client, sandbox: SandboxServer
) -> None:
    form = manager_client.get(at(waiting, "cadastrar/")).context["form"]
    told = {name: form[name].value() for name in ("cpf", "name", "phone", "email")}
    assert told == {"cpf": "111.444.777-35", "name": "Bruno Lima", "phone": "(11) 98888-0002", "email": ""}
    sent = told | {"write_id": str(uuid.uuid4())}
    response = manager_client.post(at(waiting, "cadastrar/"), sent)
    assert said(response) == ["Cliente cadastrado na plataforma e vinculado à venda."]
    waiting.refresh_from_db()
    assert waiting.customer is not None
    assert (waiting.state, waiting.customer.cpf, posted(sandbox, "customers")) == ("matched", CPFS[1], 1)
    manager_client.post(at(waiting, "cadastrar/"), sent)
    assert posted(sandbox, "customers") == 1


def test_a_cpf_that_is_known_links_its_customer_instead(
    waiting: PosSale, ana: Customer, manager_client: Client, sandbox: SandboxServer
) -> None:
    sent = {"cpf": CPFS[0], "name": "Ana", "phone": "11988880001", "write_id": str(uuid.uuid4())}
    response = manager_client.post(at(waiting, "cadastrar/"), sent)
    assert said(response) == ["Este CPF já era de um cliente: a venda foi vinculada a ele."]
    waiting.refresh_from_db()
    assert (waiting.customer, posted(sandbox, "customers")) == (ana, 0)


def test_a_lost_answer_of_the_registration_leaves_the_sale_waiting(
    waiting: PosSale, manager_client: Client, sandbox: SandboxServer
) -> None:
    sandbox.fault("drop_after", method="POST", path="customers")
    sent = {"cpf": CPFS[1], "name": "Bruno", "phone": "11988880002", "write_id": str(uuid.uuid4())}
    response = manager_client.post(at(waiting, "cadastrar/"), sent)
    assert said(response)[0].startswith("A confirmar – não repita.")
    waiting.refresh_from_db()
    assert (waiting.state, Write.objects.get().state) == ("unidentified", "in_doubt")
    assert "A confirmar – não repita" in manager_client.get(at(waiting, "cadastrar/")).content.decode()


def test_discarding_needs_a_reason(waiting: PosSale, manager: User, manager_client: Client) -> None:
    page = manager_client.post(at(waiting, "descartar/"), {"note": " "}).content.decode()
    assert "Escreva por que a venda é descartada." in page
    waiting.refresh_from_db()
    assert waiting.state == "unidentified"
    response = manager_client.post(at(waiting, "descartar/"), {"note": "Venda de teste da loja"})
    assert said(response) == ["Venda descartada: ela não acumula."]
    waiting.refresh_from_db()
    event = waiting.events.get(event="gave_up")
    assert (waiting.state, waiting.reason) == ("ineligible", "not_identified")
    assert (event.note, event.actor) == ("Venda de teste da loja", manager)
    again = manager_client.post(at(waiting, "descartar/"), {"note": "De novo"}).content.decode()
    assert "A venda já mudou de situação. Confira como ela está agora; nada foi feito." in again
    assert waiting.events.filter(event="gave_up").count() == 1


def test_overruling_needs_a_reason_and_registers(
    small: PosSale, manager: User, manager_client: Client, sandbox: SandboxServer
) -> None:
    page = manager_client.get(at(small, "liberar/")).content.decode()
    assert "Outra venda igual já chegou por outro caminho." in page
    assert (
        "Escreva por que a venda é liberada." in manager_client.post(at(small, "liberar/")).content.decode()
    )
    small.refresh_from_db()
    assert (small.state, posted(sandbox)) == ("ineligible", 1)
    response = manager_client.post(at(small, "liberar/"), {"note": "São duas compras."})
    assert said(response) == ["Venda liberada: ela será registrada na Smartbis."]
    small.refresh_from_db()
    assert small.state == "eligible"
    work(small.bridge_id)
    small.refresh_from_db()
    assert (small.state, posted(sandbox)) == ("registered", 2)
    assert small.events.get(event="overruled").actor == manager


def test_a_discarded_sale_is_let_through_only_with_a_customer(
    waiting: PosSale, ana: Customer, manager_client: Client
) -> None:
    manager_client.post(at(waiting, "descartar/"), {"note": "Ninguém sabe."})
    page = manager_client.post(at(waiting, "liberar/"), {"note": "Apareceu."}).content.decode()
    assert "Vincule um cliente antes de liberar a venda." in page
    manager_client.post(at(waiting, "cliente/"), {"customer": ana.pk})
    manager_client.post(at(waiting, "liberar/"), {"note": "Apareceu."})
    waiting.refresh_from_db()
    assert (waiting.state, waiting.customer) == ("eligible", ana)


def test_a_final_reason_is_not_overruled(bridge: Bridge, ana: Customer, manager_client: Client) -> None:
    [sale] = received(bridge, record("a", cpf=CPFS[0], status=PosStatus.CANCELLED))
    work(bridge.pk)
    sale.refresh_from_db()
    before = life_of(sale)
    page = manager_client.post(at(sale, "liberar/"), {"note": "Quero."}).content.decode()
    assert "Nesta situação a venda não muda mais." in page
    assert life_of(sale) == before
    assert at(sale, "liberar/") not in manager_client.get(at(sale)).content.decode()


def test_a_rejected_sale_is_corrected_and_sent_again(
    bridge: Bridge, ana: Customer, manager_client: Client, sandbox: SandboxServer
) -> None:
    sandbox.act("remove_customer", customer_id=int(ana.remote_id))
    [sale] = received(bridge, record("a", cpf=CPFS[0]))
    work(bridge.pk)
    sale.refresh_from_db()
    assert sale.state == "rejected"
    page = manager_client.get(at(sale)).content.decode()
    assert "Corrigir e enviar de novo" in page
    assert "A plataforma recusou a venda. Confira os dados, corrija e envie de novo." in page
    refused = manager_client.post(at(sale, "corrigir/"), {"amount": "0", "note": "x"}).content.decode()
    assert "O valor tem de ser maior que zero." in refused
    response = manager_client.post(
        at(sale, "corrigir/"), {"amount": "100,00", "note": "Valor digitado errado"}
    )
    assert said(response) == ["Corrigida: a venda será enviada de novo."]
    sale.refresh_from_db()
    assert (sale.state, sale.amount, sale.attempt) == ("eligible", Decimal("100.00"), 1)


def test_a_sale_in_doubt_leads_to_the_ledgers_inbox(
    bridge: Bridge, ana: Customer, manager_client: Client, sandbox: SandboxServer
) -> None:
    sandbox.fault("drop_after", method="POST", path="sales")
    [sale] = received(bridge, record("a", cpf=CPFS[0]))
    work(bridge.pk)
    sale.refresh_from_db()
    assert sale.state == "in_doubt"
    page = manager_client.get(at(sale)).content.decode()
    assert f'href="/a-confirmar/{sale.write_id}/"' in page
    assert "Já foi enviado à plataforma e a resposta ainda não chegou." in page
    assert "Cashback</dt>" not in page
    assert "1 venda está a confirmar. Não repita." in manager_client.get("/maquininhas/").content.decode()
    manager_client.post(
        f"/a-confirmar/{sale.write_id}/resolver/", {"state": "abandoned", "reason": "Não sei."}
    )
    work(bridge.pk)
    sale.refresh_from_db()
    assert (sale.state, sale.reason, posted(sandbox)) == ("rejected", "abandoned", 1)


def test_a_reversal_is_ticked_off_and_confirmed(
    cancelled: PosSale, manager: User, manager_client: Client, sandbox: SandboxServer
) -> None:
    calls = posted(sandbox)
    assert (
        "1 venda registrada foi cancelada na maquininha: há um estorno a fazer."
        in manager_client.get("/maquininhas/").content.decode()
    )
    page = manager_client.get(at(cancelled)).content.decode()
    assert "A API não desfaz o benefício: o estorno é feito à mão no painel da Smartbis." in page
    kept = manager_client.post(at(cancelled, "estorno/"), {"found": "on", "keep": "1"})
    assert (kept.url, said(kept)) == (at(cancelled, "estorno/"), ["Andamento salvo."])
    assert set(PosReversal.objects.get().checklist) == {"found"}
    short = manager_client.post(at(cancelled, "estorno/"), {"found": "on", "confirm": "1"}).content.decode()
    assert short.count("Falta fazer isto.") == 4  # in the summary and beside each of the two
    assert "Escreva o que o painel mostra agora." in short
    cancelled.refresh_from_db()
    assert cancelled.state == "registered"
    ticks = {"found": "on", "benefit_taken_back": "on", "customer_told": "on"}
    done = manager_client.post(
        at(cancelled, "estorno/"), ticks | {"evidence": "Saldo retirado.", "confirm": "1"}
    )
    assert (done.url, said(done)) == (at(cancelled), ["Estorno confirmado."])
    cancelled.refresh_from_db()
    case = PosReversal.objects.get()
    assert (cancelled.state, cancelled.reversal_due) == ("reversed", False)
    assert (case.evidence, case.confirmed_by) == ("Saldo retirado.", manager)
    assert posted(sandbox) == calls
    assert manager_client.get(at(cancelled, "estorno/")).status_code == 404


ACTS = [
    "cliente/",
    "cadastrar/",
    "descartar/",
    "liberar/",
    "corrigir/",
    "estorno/",
    "conferida/conflicting_data/",
]


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("who", ["cashier_client", "viewer_client", "stranger_client"])
def test_only_managers_decide(
    who: str, act: str, cancelled: PosSale, ana: Customer, sandbox: SandboxServer,
    request: pytest.FixtureRequest,
) -> None:  # fmt: skip
    before, calls = life_of(cancelled), len(sandbox.log())
    client = request.getfixturevalue(who)
    sent = {"customer": ana.pk, "note": "x", "confirm": "1", "amount": "1,00", "found": "on"}
    for method in ("get", "post"):
        assert getattr(client, method)(at(cancelled, act), sent).status_code == 403
    cancelled.refresh_from_db()
    assert (life_of(cancelled), cancelled.state, len(sandbox.log())) == (before, "registered", calls)
    assert PosReversal.objects.get().checklist == {}


def _bulk(client: Client, act: str, rows: list[PosSale], values: dict[str, str]) -> BulkJob:
    answer = client.post("/maquininhas/", {"act": act, "row": [row.pk for row in rows]})
    job = BulkJob.objects.get()
    assert answer.url == reverse("bulk", args=[job.pk])
    client.post(answer.url, {"step": "values", **values})
    return job


def test_many_sales_are_linked_at_once(bridge: Bridge, ana: Customer, manager_client: Client) -> None:
    rows = received(bridge, record("a"), record("b"), record("c", cpf=CPFS[0]))
    work(bridge.pk)
    job = _bulk(manager_client, "bridge.link_sales", rows, {"cpf": CPFS[0]})
    job.refresh_from_db()
    assert job.values == {"customer": ana.pk, "name": "Ana", "connection": bridge.target_id}
    shown = manager_client.get(reverse("bulk", args=[job.pk])).content.decode()
    assert "Vincular ao cliente Ana" in shown
    assert "Vai acontecer com 2 linhas." in shown
    assert "não esperam a identificação do cliente" in shown
    manager_client.post(reverse("bulk", args=[job.pk]), {"step": "start"})
    assert sorted(PosSale.objects.filter(customer__pk=ana.pk).values_list("remote_id", flat=True)) == [*"abc"]


def test_many_sales_are_discarded_with_a_reason(
    bridge: Bridge, manager: User, manager_client: Client
) -> None:
    rows = received(bridge, record("a"), record("b"))
    work(bridge.pk)
    job = _bulk(manager_client, "bridge.discard_sales", rows, {"note": "Sem comprador"})
    manager_client.post(reverse("bulk", args=[job.pk]), {"step": "start"})
    assert set(PosSale.objects.values_list("state", "reason")) == {("ineligible", "not_identified")}
    assert AuditEvent.objects.filter(action="bulk.started", actor=manager).count() == 1


def test_a_viewer_can_pick_nothing(bridge: Bridge, viewer_client: Client) -> None:
    rows = received(bridge, record("a"))
    work(bridge.pk)
    answer = viewer_client.post("/maquininhas/", {"act": "bridge.discard_sales", "row": [rows[0].pk]})
    assert (answer.status_code, BulkJob.objects.count()) == (405, 0)
