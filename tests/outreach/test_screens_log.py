"""The log of messages, one message, answers, what customers wrote, results."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from customers.models import Customer
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import AuditEvent
from tests.outreach.conftest import NOW, say
from vouchers.outreach.models import Campaign, Incoming, Message, SurveyAnswer

#: Words, access and the wire: nothing here differs from one database to the other.
pytestmark = pytest.mark.one_database

Make = Callable[..., Any]
LOG = "/comunicacao/mensagens/"


def text_of(reply: Any) -> str:
    return reply.content.decode().replace("\xa0", " ")


@pytest.fixture
def write_to(make_customer: Make, clock: Any) -> Callable[..., Message]:
    """A message to somebody new, unless a customer is given."""

    def make(name: str = "Ana", **fields: Any) -> Message:
        number = Message.objects.count() + 1
        values = {
            "customer": fields.pop("customer", None) or make_customer(name),
            "trigger": "nps", "person": f"p{number}", "occasion": f"sale:{number}", "channel": "email", "zone": "UTC",
            "queued_at": NOW, "not_before": NOW, "expires_at": NOW, "state": "sent", "sent_at": NOW,
        } | fields  # fmt: skip
        return Message.objects.create(**values)

    return make


def names(client: Client, query: str) -> list[str]:
    """Whom the log names, in its order."""
    page = client.get(LOG + query).context["table"]
    return [row.record.customer.name for row in page.paginated_rows]


def test_the_log_is_narrowed_down(manager_client: Client, manager: Any, write_to: Make) -> None:
    campaign = Campaign.objects.create(name="Verão", created_by=manager)
    ana = write_to("Ana Lima")
    write_to("Bia", channel="whatsapp", state="read")
    write_to("Caio", trigger="campaign", campaign=campaign, state="dropped", reason="stopped")
    write_to("Davi", queued_at=NOW.replace(day=1))
    assert (
        names(manager_client, "") == ["Caio", "Bia", "Ana Lima", "Davi"]
        or len(names(manager_client, "")) == 4
    )
    assert names(manager_client, "?q=lima+ana") == ["Ana Lima"]
    assert names(manager_client, "?trigger=campaign") == ["Caio"]
    assert names(manager_client, "?state=read") == ["Bia"]
    assert names(manager_client, "?reason=stopped") == ["Caio"]
    assert names(manager_client, "?channel=whatsapp") == ["Bia"]
    assert names(manager_client, f"?campaign={campaign.pk}") == ["Caio"]
    assert names(manager_client, f"?customer_id={ana.customer_id}") == ["Ana Lima"]
    assert names(manager_client, "?queued_at_to=2026-11-02") == ["Davi"]
    reply: Any = manager_client.get(LOG + "?export=csv&q=lima")
    lines = b"".join(reply.streaming_content).decode("utf-8-sig").splitlines()
    assert len(lines) == 2
    assert lines[1].startswith("Ana Lima;Pesquisa de satisfação;") or lines[1].startswith("Ana Lima,Pesquisa")
    assert AuditEvent.objects.get(action="list.exported").subject == "list:outreach:message_list"


@pytest.mark.parametrize(
    "name", ["message_list", "campaign_list", "answer_list", "incoming_list", "overview"]
)
def test_a_page_costs_the_same_for_two_rows_and_for_thirty(
    name: str, manager_client: Client, manager: Any, write_to: Make, there: Connection,
    django_assert_max_num_queries: Any,
) -> None:  # fmt: skip
    def add(count: int) -> None:
        for _time in range(count):
            message = write_to(f"Pessoa {Message.objects.count()}")
            campaign = Campaign.objects.create(name="c", created_by=manager, state="running")
            Message.objects.filter(pk=message.pk).update(campaign=campaign)
            SurveyAnswer.objects.create(
                message=message, customer=message.customer, channel="email", score=9, answered_at=NOW
            )
            Incoming.objects.create(
                connection=there,
                remote_id=str(message.pk),
                sender="+5511",
                customer=message.customer,
                text="oi",
                at=NOW,
            )

    url = reverse(f"outreach:{name}")
    manager_client.get(url)
    add(2)
    with django_assert_max_num_queries(40) as few:
        manager_client.get(url)
    add(28)
    with django_assert_max_num_queries(len(few)):
        assert manager_client.get(url).status_code == 200


def test_one_message_tells_its_life(manager_client: Client, write_to: Make) -> None:
    message = write_to(
        state="failed", reason="undelivered", detail="131026", channel="whatsapp", body="Oi, Ana!"
    )
    message.receipts.create(status="failed", at=NOW, error_code="131026")
    told = text_of(manager_client.get(f"{LOG}{message.pk}/"))
    for part in (
        "Não pôde ser entregue (131026)",
        "Oi, Ana!",
        "Recibos do canal",
        "erro 131026",
        "21/11/2026 12:00",
    ):
        assert part in told
    assert "Resolver" not in told


def test_an_email_in_doubt_is_settled_with_a_reason(
    manager_client: Client, manager: Any, write_to: Make
) -> None:
    message = write_to(state="in_doubt", sent_at=None, left_at=NOW)
    url = f"{LOG}{message.pk}/resolver/"
    assert "Não se sabe se esta mensagem saiu. Ela não será enviada de novo." in text_of(
        manager_client.get(f"{LOG}{message.pk}/")
    )
    reply = manager_client.post(url, {"was_sent": "yes", "reason": " "})
    assert list(reply.context["form"].errors) == ["reason"]
    message.refresh_from_db()
    assert message.state == "in_doubt"
    told = text_of(manager_client.post(url, {"was_sent": "yes", "reason": "Está no servidor"}, follow=True))
    assert "Resolvido. A mensagem não será enviada de novo." in told
    message.refresh_from_db()
    assert message.state == "sent"
    assert manager_client.get(url).status_code == 404
    reply = manager_client.post(url, {"was_sent": "no", "reason": "x"})
    assert "Esta mensagem não está mais a confirmar." in text_of(reply)


def test_a_cashier_reads_and_settles_nothing(cashier_client: Client, write_to: Make) -> None:
    message = write_to(state="in_doubt", sent_at=None, left_at=NOW)
    assert cashier_client.get(f"{LOG}{message.pk}/").status_code == 403
    values = {"was_sent": "no", "reason": "x"}
    assert cashier_client.post(f"{LOG}{message.pk}/resolver/", values).status_code == 403
    message.refresh_from_db()
    assert message.state == "in_doubt"


def test_results_stand_beside_those_held_out(
    manager_client: Client, make_customer: Make, make_sale: Make, write_to: Make
) -> None:
    for number in range(4):
        customer: Customer = make_customer(f"Pessoa {number}", cashback_balance=Decimal(9))
        held = number == 3
        write_to(
            customer=customer, trigger="balance_available", state="held_out" if held else "sent",
            sent_at=None if held else NOW.replace(day=10), not_before=NOW.replace(day=10),
            queued_at=NOW.replace(day=10),
        )  # fmt: skip
        if number < 2:
            make_sale(customer, 1, amount="40.00")
    told = text_of(manager_client.get("/comunicacao/resultados/detalhe/?gatilho=balance_available"))
    assert '<b class="num">66,7 %</b> <span class="of num">2 de 3</span>' in told
    assert '<b class="num">0 %</b> <span class="of num">0 de 1</span>' in told
    assert "R$ 80,00" in told
    assert "Diferença na recompra: 66,7 pontos percentuais." in told
    for nonsense in ("?gatilho=nope", "?campanha=987654", "?campanha=x", ""):
        assert manager_client.get(f"/comunicacao/resultados/detalhe/{nonsense}").status_code == 404


def test_the_nps_of_a_period(manager_client: Client, write_to: Make) -> None:
    for score in (10, 9, 8, 3):
        message = write_to(f"Nota {score}")
        SurveyAnswer.objects.create(
            message=message, customer=message.customer, channel="email", score=score, answered_at=NOW
        )
    told = manager_client.get("/comunicacao/resultados/").context["nps"]
    assert told == {"whole": 4, "good": 2, "bad": 1, "score": 25}
    rows = manager_client.get("/comunicacao/respostas/?group=detractor").context["table"].paginated_rows
    assert [row.record.score for row in rows] == [3]


def test_consents_are_counted_by_channel_and_the_latest_withdrawals_named(
    manager_client: Client, make_customer: Make
) -> None:
    make_customer("Ana", consents="email whatsapp")
    say(make_customer("Bia"), "email", given=False)
    reply = manager_client.get("/comunicacao/consentimentos/")
    told = [(row["channel"].value, row["given"], row["withdrawn"]) for row in reply.context["rows"]]
    assert told == [("whatsapp", 1, 0), ("email", 1, 1)]
    assert [row.customer.name for row in reply.context["latest"]] == ["Bia"]
