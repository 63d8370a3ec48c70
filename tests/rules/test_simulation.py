"""A rule tried on past sales: the sums, sale by sale, files, pieces, a job that goes on where another stopped."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from customers.imports.models import Import, ImportRow
from customers.models import Sale
from customers.rules import simulation
from customers.rules.models import TERMS, RuleVersion, Simulation
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import AuditEvent, Store, User
from smartbis_admin.writes.models import Write

Make = Callable[..., Any]
NOON = datetime(2026, 3, 2, 15, tzinfo=UTC)


def new_terms(**changes: Any) -> dict[str, Any]:
    plain = {name: RuleVersion._meta.get_field(name).get_default() for name in TERMS}
    return plain | {"cashback_percent": Decimal(10), "points_per_brl": Decimal("0.1")} | changes


@pytest.fixture
def try_out(plain_connection: Connection, owner: User) -> Callable[..., Simulation]:
    """Try 10 % and 0.1 point per real on the sales of March 2026."""

    def run(*, with_files: bool = False, **changes: Any) -> Simulation:
        return simulation.start(
            connection=plain_connection,
            terms=new_terms(**changes),
            since=date(2026, 3, 1),
            until=date(2026, 3, 31),
            with_files=with_files,
            by=owner,
        )

    return run


@pytest.fixture
def past(make_version: Make, sell: Make, store: Store) -> RuleVersion:
    """5 % and one point per real; three sales of March, and some that do not count."""
    rule: RuleVersion = make_version(cashback_percent=5, points_per_brl=1)
    sell("129.90", NOON, store=store, cashback_amount=Decimal("6.50"), points_earned=Decimal("129.90"))
    sell("33.33", NOON, payment_method="pix")
    # The first and the last moment of the period, on the account's clock.
    sell("0.10", datetime(2026, 3, 1, 3, tzinfo=UTC))
    sell("9.99", datetime(2026, 4, 1, 2, 59, 59, tzinfo=UTC))
    sell("500", datetime(2026, 3, 1, 2, 59, 59, tzinfo=UTC))
    sell("500", datetime(2026, 4, 1, 3, tzinfo=UTC))
    sell("500", NOON, state=Write.State.REFUSED)
    sell("500", NOON, state=Write.State.IN_DOUBT)
    return rule


def figures(tried: Simulation) -> dict[str, Any]:
    return {name: value for name, value in tried.result.items() if name != "most"}


def test_the_sums_of_both_rules(past: RuleVersion, try_out: Make, store: Store) -> None:
    tried = try_out()
    assert (tried.state, tried.base, tried.expected_sales, tried.position) == ("done", past, 4, 4)
    assert figures(tried) == {
        "amount": "173.32",
        "cashback_before": "8.68",  # 6.50 + 1.67 + 0.01 + 0.50
        "cashback_after": "17.33",  # 12.99 + 3.33 + 0.01 + 1.00
        "points_before": "173.32",
        "points_after": "17.32",  # 12.99 + 3.33 + 0.01 + 0.99
        "cashback_given": "6.50",
        "points_given": "129.9000",
        "sales": 4,
        "from_files": 0,
        "left_out": 0,
        "earned_before": 4,
        "earned_after": 4,
        "given": 1,
    }
    first = simulation.greatest(tried.result)[0]
    assert (first.amount, first.store, first.cashback_before, first.cashback_after) == (
        Decimal("129.90"), "Loja Centro", Decimal("6.50"), Decimal("12.99"),
    )  # fmt: skip
    assert not Simulation.objects.exclude(pk=tried.pk).exists()
    assert RuleVersion.objects.count() == 1


def test_exceptions_count_sale_by_sale(past: RuleVersion, try_out: Make, store: Store) -> None:
    tried = try_out(excluded_stores=[store.pk], excluded_methods=["pix"], minimum_to_earn=Decimal("9.99"))
    assert (tried.result["cashback_after"], tried.result["earned_after"]) == ("1.00", 1)


def test_both_rules_meet_the_campaigns_of_the_sales_moment(
    past: RuleVersion, try_out: Make, make_campaign: Make
) -> None:
    make_campaign(first_day=date(2026, 3, 2), last_day=date(2026, 3, 2), cashback_multiplier=2)
    tried = try_out()
    # 12.99 + 3.33 + 0.01 + 0.50; 25.98 + 6.67 + 0.01 + 1.00
    assert (tried.result["cashback_before"], tried.result["cashback_after"]) == ("16.83", "33.66")


def test_without_a_rule_today_everything_is_new(sell: Make, try_out: Make) -> None:
    sell("100", NOON)
    tried = try_out()
    told = (Decimal(tried.result[name]) for name in ("cashback_before", "cashback_after", "points_after"))
    assert (tried.base, *told) == (None, 0, 10, 10)


def add_rows(connection: Connection, by: User, *rows: tuple[str, dict[str, str]]) -> None:
    batch = Import.objects.create(
        kind="sales", connection=connection, file_name="vendas.csv", digest="x", format="csv", created_by=by
    )
    for number, (state, values) in enumerate(rows, start=1):
        ImportRow.objects.create(batch=batch, number=number, state=state, values=values)


def test_sales_of_files_that_were_checked_count_when_asked_for(
    past: RuleVersion, plain_connection: Connection, owner: User, try_out: Make
) -> None:
    inside = "2026-03-05T12:00:00-03:00"
    add_rows(
        plain_connection,
        owner,
        ("ready", {"amount": "100.00", "sold_at": inside}),
        ("ready", {"amount": "100.00", "sold_at": "2026-04-05T12:00:00-03:00"}),
        ("ready", {"amount": "100.00"}),
        ("done", {"amount": "100.00", "sold_at": inside}),
        ("invalid", {"amount": "100.00", "sold_at": inside}),
    )
    assert figures(try_out())["sales"] == 4
    told = figures(try_out(with_files=True))
    assert (told["sales"], told["from_files"], told["left_out"], told["amount"]) == (5, 1, 2, "273.32")
    assert (told["cashback_before"], told["cashback_after"]) == ("13.68", "27.33")


def test_pieces_add_up_and_few_sales_are_kept_by_name(
    make_version: Make, sell: Make, try_out: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_version(cashback_percent=5)
    for number in range(1, 8):
        sell(str(number), NOON)
    whole = try_out()
    monkeypatch.setattr(simulation, "PIECE", 2)
    monkeypatch.setattr(simulation, "KEPT", 3)
    pieces = try_out()
    assert figures(pieces) == figures(whole)
    assert [line.amount for line in simulation.greatest(pieces.result)] == [7, 6, 5]
    assert [line.amount for line in simulation.lines(pieces)] == [1, 2, 3, 4, 5, 6, 7]


def test_many_sales_are_a_job_that_goes_on_where_another_stopped(
    past: RuleVersion,
    sell: Make,
    try_out: Make,
    owner_client: Client,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(simulation, "AT_ONCE", 3)
    monkeypatch.setattr(simulation, "PIECE", 2)
    tried = try_out()
    assert (tried.state, tried.position, tried.result) == ("running", 0, {})
    page = owner_client.get(reverse("rules:simulation", args=[tried.pk])).content.decode()
    assert "Calculando: 0 de 4 vendas." in page
    assert "every 2s" in page
    book = simulation.RuleBook(tried.connection)
    assert simulation._piece(tried, book)
    # Another worker that read the same position counts nothing twice.
    assert not simulation._piece(tried, book)
    tried.refresh_from_db()
    assert (tried.position, tried.result["sales"]) == (2, 2)
    simulation.work(tried.pk)
    tried.refresh_from_db()
    assert (tried.state, tried.position, tried.result["cashback_after"]) == ("done", 4, "17.33")
    simulation.work(tried.pk)
    assert Simulation.objects.get().result == tried.result


def test_the_sweeper_rings_for_what_nobody_does_and_forgets_the_old(
    past: RuleVersion, try_out: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[int] = []
    monkeypatch.setattr(simulation, "ring", rung.append)
    fresh, stale, old = try_out(), try_out(), try_out()
    Simulation.objects.update(state="running")
    long_ago = timezone.now() - timedelta(minutes=2)
    Simulation.objects.filter(pk=stale.pk).update(heartbeat_at=long_ago)
    Simulation.objects.filter(pk=old.pk).update(state="done", created_at=timezone.now() - timedelta(days=31))
    simulation.sweep()
    assert rung == [stale.pk]
    assert set(Simulation.objects.values_list("pk", flat=True)) == {fresh.pk, stale.pk}


def test_a_simulation_takes_as_many_queries_for_many_sales_as_for_few(
    make_version: Make, sell: Make, try_out: Make, store: Store, django_assert_max_num_queries: Make
) -> None:
    make_version(cashback_percent=5)
    for number in range(30):
        sell("100", NOON + timedelta(minutes=number), store=store)
    with django_assert_max_num_queries(14):
        try_out()


def test_the_page_and_the_file(past: RuleVersion, try_out: Make, owner_client: Client) -> None:
    tried = try_out()
    address = reverse("rules:simulation", args=[tried.pk])
    page = owner_client.get(address).content.decode().replace("\xa0", " ")
    for text in ("4 vendas, R$ 173,32.", "R$ 8,68", "R$ 17,33", "R$ 8,65", "Pontos por real: de 1 para 0,1.",
                 "O que a plataforma deu é conhecido em 1 venda.", f"?simulacao={tried.pk}"):  # fmt: skip
        assert text in page
    part = owner_client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert part.lstrip().startswith('<div id="simulation"')
    assert "every 2s" not in part
    sent = owner_client.get(reverse("rules:simulation_lines", args=[tried.pk]))
    rows = b"".join(sent.streaming_content).decode("utf-8-sig").splitlines()
    assert rows[0].startswith("Data da venda;Valor da venda;Loja;Cashback pela regra de hoje")
    assert rows[1] == "02/03/2026 12:00;129,9;Loja Centro;6,5;12,99;129,9;12,99;6,5;129,9"
    assert len(rows) == 5
    (event,) = AuditEvent.objects.all()
    assert (event.action, event.subject) == ("list.exported", f"simulation:{tried.pk}")


def test_sales_do_not_change(past: RuleVersion, try_out: Make) -> None:
    before = list(Sale.objects.order_by("pk").values())
    try_out(with_files=True)
    assert list(Sale.objects.order_by("pk").values()) == before
