"""The assistant: five steps that say what is so, the choice without a default, and the reference sale."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from customers.bridge import reference
from customers.bridge.models import Bridge, PosMachine, PosSale, ReferenceSale
from customers.bridge.reference import ReferenceRefusedError, shown_time
from customers.bridge.steps import Step, progress
from customers.bridge.working import work
from customers.models import Customer
from customers.rules.models import RuleVersion
from sandbox.testing import SandboxServer
from smartbis_admin.connections.doors import door_address
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import AuditEvent, Store, User
from tests.bridge.conftest import CPFS, posted, received, record
from tests.customers.conftest import said
from vouchers.outreach.models import Automation

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
ADDRESSES = ["inicio/", "autorizacao/", "regra/", "teste/", "mensagens/"]


def at(connection: Connection, step: str = "") -> str:
    return f"/maquininhas/assistente/{connection.pk}/{step}"


def words(client: Client, address: str) -> str:
    page = client.get(address).content.decode()
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def rule(connection: Connection) -> RuleVersion:
    return RuleVersion.objects.create(
        connection=connection,
        valid_from=timezone.now() - timedelta(days=1),
        cashback_percent=5,
        points_per_brl=1,
    )


@pytest.fixture
def fresh(pos_connection: Connection) -> Bridge:
    """An account nobody has set up."""
    return Bridge.objects.create(connection=pos_connection)


def done(bridge: Bridge) -> dict[str, bool]:
    bridge = Bridge.objects.select_related("connection", "target").get(pk=bridge.pk)
    return {one.step.value: one.done for one in progress(bridge)}


def test_without_an_account_it_begins_with_connecting(db: None, manager_client: Client) -> None:
    page = words(manager_client, "/maquininhas/assistente/")
    assert "Conecte o SmartPOS" in page
    assert "Conectar SmartPOS" in page


def test_it_is_taken_up_where_it_was_left(
    fresh: Bridge, connection: Connection, manager: User, manager_client: Client
) -> None:
    there = fresh.connection
    assert manager_client.get("/maquininhas/assistente/").url == at(there)
    assert manager_client.get(at(there)).url == at(there, "inicio/")
    PosMachine.objects.create(bridge=fresh, remote_id="M1", is_listed=True)
    assert manager_client.get(at(there)).url == at(there, "autorizacao/")
    there.last_ok_at = timezone.now()
    there.save()
    Bridge.objects.update(mode="register", target=connection, mode_by=manager)
    assert manager_client.get(at(there)).url == at(there, "regra/")
    rule(connection)
    assert manager_client.get(at(there)).url == at(there, "teste/")
    ReferenceSale.objects.create(
        bridge=fresh, started_at=timezone.now(), started_by=manager, confirmed_at=timezone.now()
    )
    assert manager_client.get(at(there)).url == at(there, "mensagens/")
    assert done(fresh) == {
        "start": True, "bridge": True, "rules": True, "validation": True, "operation": False,
    }  # fmt: skip
    Automation.objects.create(trigger="post_sale", is_on=True)
    assert done(fresh)["operation"] is True
    page = words(manager_client, at(there, "mensagens/"))
    assert "Tudo pronto: as vendas das maquininhas entram no programa." in page
    assert "1 mensagem automática ligada." in page


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_step_says_where_it_stands(address: str, fresh: Bridge, manager_client: Client) -> None:
    page = words(manager_client, at(fresh.connection, address))
    assert f"Passo {ADDRESSES.index(address) + 1} de 5 · SmartPOS" in page
    assert "Conferência deste passo" in page
    assert page.count("A fazer") >= 5


def test_the_choice_has_no_default_and_says_what_is_at_stake(
    fresh: Bridge, connection: Connection, manager: User, manager_client: Client
) -> None:
    address = at(fresh.connection, "autorizacao/")
    response = manager_client.get(address)
    page = " ".join(response.content.decode().split())
    assert response.context["form"]["mode"].value() is None
    boxes = re.findall(r'<input type="radio" name="mode"[^>]*>', page)
    assert (len(boxes), [box for box in boxes if "checked" in box]) == (2, [])
    assert "o cliente ganha duas vezes, e isso não se desfaz pela API" in page
    assert door_address(fresh.connection) in page
    answer = manager_client.post(address, {"target": connection.pk, "sure": "on"})
    assert answer.context["form"].errors == {
        "mode": ["Escolha quem registra as vendas: não há resposta padrão."]
    }
    answer = manager_client.post(address, {"target": connection.pk, "mode": "register"})
    assert answer.context["form"].errors == {"sure": ["Confira no painel antes de salvar a escolha."]}
    fresh.refresh_from_db()
    assert (fresh.mode, fresh.target) == ("", None)
    answer = manager_client.post(address, {"target": connection.pk, "mode": "observe", "sure": "on"})
    assert said(answer) == ["Escolha salva."]
    fresh.refresh_from_db()
    assert (fresh.mode, fresh.target, fresh.mode_by) == ("observe", connection, manager)
    assert AuditEvent.objects.get(action="bridge.mode_chosen").details["mode"] == "observe"


def test_a_programme_that_takes_no_sales_is_not_offered(fresh: Bridge, manager_client: Client) -> None:
    address = at(fresh.connection, "autorizacao/")
    sent = {"target": fresh.connection.pk, "mode": "register", "sure": "on"}
    assert "target" in manager_client.post(address, sent).context["form"].errors


def test_authorising_reads_the_machines(
    fresh: Bridge, manager_client: Client, sandbox: SandboxServer
) -> None:
    sandbox.act("machine", store_id="Centro", label="Balcão", credential="sandbox-pos", vendor="smartpos")
    answer = manager_client.post(at(fresh.connection, "autorizar/"))
    assert said(answer) == ["O SmartPOS aceitou a autorização e a lista de maquininhas foi lida."]
    assert PosMachine.objects.get().label == "Balcão"
    assert done(fresh)["start"] is True
    assert "Balcão" in words(manager_client, at(fresh.connection, "inicio/"))
    assert "1 maquininha ainda não tem loja" in words(manager_client, at(fresh.connection, "inicio/"))
    Store.objects.create(name="Centro")


def test_a_refused_authorisation_is_said_and_nothing_is_read(fresh: Bridge, manager_client: Client) -> None:
    Connection.objects.filter(pk=fresh.connection_id).update(
        credentials={"client_id": "x", "client_secret": "y"}
    )
    answer = manager_client.post(at(fresh.connection, "autorizar/"))
    assert "A plataforma não aceitou as credenciais" in said(answer)[0]
    assert (PosMachine.objects.count(), done(fresh)["bridge"]) == (0, False)


def test_the_reference_sale_is_watched_hop_by_hop(
    bridge: Bridge, ana: Customer, connection: Connection, manager: User, manager_client: Client,
    sandbox: SandboxServer,
) -> None:  # fmt: skip
    rule(connection)
    there = at(bridge.connection, "teste/")
    old = received(bridge, record("old", cpf=CPFS[0]))[0]
    PosSale.objects.filter(pk=old.pk).update(received_at=timezone.now() - timedelta(hours=1))
    assert "Começar a venda de teste" in words(manager_client, there)
    manager_client.post(at(bridge.connection, "teste/comecar/"))
    page = manager_client.get(there)
    assert 'hx-trigger="every 2s"' in page.content.decode()
    assert [one["hop"].state for one in page.context["hops"]] == ["now", *["ahead"] * 5]
    assert page.context["candidates"] == []
    [sale] = received(bridge, record("new", cpf=CPFS[0]))
    assert [one.remote_id for one in manager_client.get(there).context["candidates"]] == ["new"]
    assert manager_client.post(at(bridge.connection, f"teste/{sale.pk}/")).url == there
    hops = manager_client.get(there).context["hops"]
    assert [one["hop"].state for one in hops] == ["done", "done", "now", "ahead", "ahead", "ahead"]
    early = manager_client.post(there, {"looked_at": ["customer", "amount", "benefit"]})
    assert "A venda de teste ainda não chegou ao fim do caminho." in early.content.decode()
    work(bridge.pk)
    page = manager_client.get(there)
    assert [one["hop"].state for one in page.context["hops"]] == ["done"] * 6
    assert all(one["took"] for one in page.context["hops"][1:5])
    shown = words(manager_client, there)
    assert "Ana Prado •••.982.247-••" in shown
    assert "Benefício dado R$ 6,50 · 129,9 pontos Estimativa: R$ 6,50 · 129,9 pontos" in shown.replace(
        "\xa0", " "
    )
    assert "every 2s" not in page.content.decode()
    short = manager_client.post(there, {"looked_at": ["customer", "amount"]})
    assert "Confira e marque os três itens." in short.content.decode()
    assert ReferenceSale.objects.get().confirmed_at is None
    answer = manager_client.post(there, {"looked_at": ["customer", "amount", "benefit"]})
    assert said(answer) == ["Venda de teste conferida."]
    assert ReferenceSale.objects.get().confirmed_by == manager
    assert "Conferida por Marta em" in words(manager_client, there)
    manager_client.post(at(bridge.connection, "teste/comecar/"))
    assert (ReferenceSale.objects.count(), done(bridge)["validation"]) == (2, True)
    assert posted(sandbox) == 2
    # Choosing anew who registers asks for a new proof.
    Bridge.objects.update(mode_at=timezone.now())
    assert done(bridge)["validation"] is False


def test_a_reference_sale_that_stops_says_why(bridge: Bridge, manager: User, manager_client: Client) -> None:
    tried = reference.start(bridge=bridge, by=manager)
    [sale] = received(bridge, record("new"))
    reference.choose(reference=tried, sale=sale)
    work(bridge.pk)
    page = manager_client.get(at(bridge.connection, "teste/"))
    states = [one["hop"].state for one in page.context["hops"]]
    assert states == ["done", "done", "failed", "ahead", "ahead", "ahead"]
    assert "A maquininha não informou quem comprou." in page.content.decode()
    assert page.context["watching"] is False
    with pytest.raises(ReferenceRefusedError, match="not_there"):
        reference.confirm(
            reference=reference.current(bridge),
            looked_at=reference.LOOKED_AT,
            by=manager,  # type: ignore[arg-type]
        )


def test_who_only_observes_ends_with_the_panel_and_sends_nothing(
    bridge: Bridge, ana: Customer, manager: User, manager_client: Client, sandbox: SandboxServer
) -> None:
    Bridge.objects.update(mode="observe")
    tried = reference.start(bridge=bridge, by=manager)
    [sale] = received(bridge, record("new", cpf=CPFS[0]))
    reference.choose(reference=tried, sale=sale)
    work(bridge.pk)
    page = manager_client.get(at(bridge.connection, "teste/"))
    assert [str(one["hop"].label) for one in page.context["hops"]] == [
        "Venda feita na maquininha", "Chegou do SmartPOS", "Cliente encontrado", "Conferida pela regra",
        "Benefício dado pelo painel",
    ]  # fmt: skip
    assert [one["hop"].state for one in page.context["hops"]] == ["done"] * 5
    assert "Benefício (veja no painel)" in page.content.decode()
    manager_client.post(at(bridge.connection, "teste/"), {"looked_at": ["customer", "amount", "benefit"]})
    assert (done(bridge)["validation"], posted(sandbox)) == (True, 0)


def test_a_sale_of_another_account_is_no_candidate(
    bridge: Bridge, manager: User, manager_client: Client, make_connection: object
) -> None:
    other = Bridge.objects.create(
        connection=Connection.objects.create(name="Outro", provider="smartpos", base_url="https://x.invalid/")
    )
    reference.start(bridge=bridge, by=manager)
    [sale] = received(other, record("theirs"))
    assert manager_client.post(at(bridge.connection, f"teste/{sale.pk}/")).status_code == 404
    assert ReferenceSale.objects.get().sale is None


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0.44, "0,4 s"), (59, "59 s"), (185, "3 min 5 s"), (7800, "2 h 10 min")]
)
def test_short_times_in_words(seconds: float, shown: str) -> None:
    assert shown_time(timedelta(seconds=seconds)) == shown


def test_the_steps_cost_the_same_with_many_machines(
    fresh: Bridge, manager_client: Client, django_assert_max_num_queries: object
) -> None:
    PosMachine.objects.bulk_create(
        PosMachine(bridge=fresh, remote_id=f"m{n}", is_listed=True) for n in range(30)
    )
    with django_assert_max_num_queries(30), time_machine.travel(timezone.now(), tick=False):  # type: ignore[operator]
        page = words(manager_client, at(fresh.connection, "inicio/"))
    assert "30 maquininhas ativas." in page
    assert [step.number for step in Step] == [1, 2, 3, 4, 5]


ACTS = [*ADDRESSES, "", "autorizar/", "ler/", "teste/comecar/", "teste/1/"]


@pytest.mark.parametrize("who", ["cashier_client", "viewer_client", "stranger_client"])
def test_only_who_manages_integrations_sets_up(
    who: str, fresh: Bridge, connection: Connection, sandbox: SandboxServer, request: pytest.FixtureRequest
) -> None:
    client: Client = request.getfixturevalue(who)
    sent = {"target": connection.pk, "mode": "register", "sure": "on", "looked_at": ["customer"]}
    for act in ACTS:
        for method in ("get", "post"):
            assert getattr(client, method)(at(fresh.connection, act), sent).status_code == 403, act
    assert client.get("/maquininhas/assistente/").status_code == 403
    fresh.refresh_from_db()
    assert (fresh.mode, ReferenceSale.objects.count(), sandbox.log("smartpos")) == ("", 0, [])
