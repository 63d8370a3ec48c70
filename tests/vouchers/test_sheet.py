"""The sheet of QR codes: which vouchers, how many, for whom; and how it is reached from the list."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from smartbis_admin.staff.models import AuditEvent, User
from vouchers import sheet
from vouchers.models import Voucher

SHEET, LIST = reverse("vouchers:sheet"), reverse("vouchers:list")
DAY = timedelta(days=1)
MakeVoucher = Callable[..., Voucher]


def codes(client: Client, **query: object) -> list[str]:
    response = client.get(SHEET, query)
    return [voucher.remote_id for voucher, _drawing in response.context["vouchers"]]


@pytest.fixture
def drawer(make_voucher: MakeVoucher) -> dict[str, Voucher]:
    now = timezone.now()
    return {
        "never": make_voucher("NEVER-1", expires_at=None, value="10.00"),
        "late": make_voucher("LATE-1", expires_at=now + 40 * DAY, reward_name="Café"),
        "soon": make_voucher("SOON-1", expires_at=now + 2 * DAY, value="5.00", minimum_purchase="50.00"),
        "over": make_voucher("OVER-1", expires_at=now - DAY),
        "used": make_voucher("USED-1", status="used"),
        "gone": make_voucher("GONE-1", withdrawn_at=now),
    }


def test_only_what_can_be_used_is_printed_soonest_first(
    drawer: dict[str, Voucher], manager: User, manager_client: Client
) -> None:
    assert codes(manager_client) == ["SOON-1", "LATE-1", "NEVER-1"]
    assert codes(manager_client, expiring="7") == ["SOON-1"]
    rows = [drawer[name].pk for name in ("late", "used", "soon", "over")]
    response = manager_client.get(SHEET, {"row": rows, "columns": "4"})
    assert [v.remote_id for v, _drawing in response.context["vouchers"]] == ["SOON-1", "LATE-1"]
    page = response.content.decode()
    for text in (
        "2 vouchers nesta folha",
        "2 selecionados ficaram de fora, porque já não podem ser usados.",
        'class="sheet sheet-4"',
        "Valor mínimo de compra: R$\xa050,00",
        "Café",
    ):
        assert text in page, text
    assert page.count("<svg xmlns") + page.count('<svg class="qr"') + page.count('class="qr"') >= 2
    event = AuditEvent.objects.order_by("pk").last()
    assert (event.action, event.actor, event.details) == ("vouchers.sheet", manager, {"rows": 2})


def test_a_sheet_has_an_end_and_says_so(
    make_voucher: MakeVoucher, manager_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheet, "MOST", 2)
    for number in range(3):
        make_voucher(f"CODE-{number}", expires_at=timezone.now() + (number + 1) * DAY)
    response = manager_client.get(SHEET)
    assert [v.remote_id for v, _drawing in response.context["vouchers"]] == ["CODE-0", "CODE-1"]
    assert "Uma folha leva no máximo 2 vouchers" in response.content.decode()


@pytest.mark.parametrize(
    "query", [{"columns": "99"}, {"columns": ""}, {"row": "x"}, {"row": "²"}, {"q": "none"}]
)
def test_nonsense_in_the_address_is_no_error(
    drawer: dict[str, Voucher], manager_client: Client, query: dict[str, str]
) -> None:
    response = manager_client.get(SHEET, query)
    assert (response.status_code, response.context["columns"]) == (200, 3)


def test_the_list_leads_to_the_sheet_of_what_was_picked(
    drawer: dict[str, Voucher], manager_client: Client
) -> None:
    picked = [drawer["soon"].pk, drawer["late"].pk]
    response = manager_client.post(LIST, {"act": "vouchers.sheet", "row": picked})
    assert response.status_code == 302
    assert response["Location"].partition("?")[0] == SHEET
    page = manager_client.get(response["Location"])
    assert [v.remote_id for v, _drawing in page.context["vouchers"]] == ["SOON-1", "LATE-1"]


def test_nothing_to_print_says_what_to_do(manager_client: Client, db: None) -> None:
    page = manager_client.get(SHEET).content.decode()
    assert "Nenhum voucher para imprimir" in page
    assert LIST in page
    assert not AuditEvent.objects.exists()


def test_codes_are_for_those_who_may_see_them(
    drawer: dict[str, Voucher], viewer_client: Client, cashier_client: Client
) -> None:
    for client in (viewer_client, cashier_client):
        assert client.get(SHEET).status_code == 403
    assert SHEET not in viewer_client.get(LIST).content.decode()
    assert viewer_client.post(LIST, {"act": "vouchers.sheet", "row": [drawer["soon"].pk]}).status_code in (
        302,
        405,
    )
    assert not AuditEvent.objects.exists()
