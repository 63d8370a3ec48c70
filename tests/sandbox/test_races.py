"""Simultaneous requests: exactly one effect. The rivals are brought to the same gap before any may pass."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from tests.sandbox import support
from tests.sandbox.support import CPF, PERSON, RIVALS, Api


def at_once(api: Api, request: Callable[[int], Any]) -> list[Any]:
    """The replies of rivals; the token is there before they start."""
    assert api.rows("categories") == []
    return support.at_once(api.sandbox, request)


def test_a_voucher_is_consumed_once(each_api: Api) -> None:
    each_api.act("issue_voucher", {"code": "VALE"})
    replies = at_once(each_api, lambda _: each_api.post("vouchers/VALE/validate"))
    assert Counter(reply.status_code for reply in replies) == {200: 1, 422: RIVALS - 1}
    assert each_api.sandbox.committed("/validate") == 1


def test_a_cpf_is_registered_once(api: Api) -> None:
    replies = at_once(api, lambda _: api.post("customers", {**PERSON, "cpf": CPF}))
    assert Counter(reply.status_code for reply in replies) == {201: 1, 422: RIVALS - 1}
    assert api.get("customers")["meta"]["total"] == 1
    assert api.sandbox.committed("/customers") == 1


def test_a_category_is_created_once(api: Api) -> None:
    replies = at_once(api, lambda _: api.post("categories", {"name": "Bebidas"}))
    assert Counter(reply.status_code for reply in replies) == {201: 1, 422: RIVALS - 1}
    assert [row["id"] for row in api.rows("categories")] == [3]


def test_no_sale_is_lost_and_the_threshold_fires_once(api: Api) -> None:
    api.act("create_customer", {"name": "Ana", "cpf": CPF})
    # Eight times 2.50 reach 20.00 exactly with the last of them.
    replies = at_once(api, lambda _: api.post("sales", {"sale_amount": 50, "cpf": CPF}))
    assert sorted(len(reply.json()["data"]["vouchers"]) for reply in replies) == [0] * (RIVALS - 1) + [1]
    assert len({reply.json()["data"]["id"] for reply in replies}) == RIVALS
    assert [row["value"] for row in api.rows("vouchers")] == ["20.00"]
    row = api.rows("customers")[0]
    assert (row["cashback_balance"], row["points_balance"]) == ("0.00", "400.00")


@pytest.mark.parametrize("kind", ["drop_after", "stall_after"])
def test_a_lost_reply_and_a_rival_still_consume_once(api: Api, kind: str) -> None:
    api.act("issue_voucher", {"code": "VALE"})
    api.token = api.sandbox.token()
    api.sandbox.fault(kind, path="vouchers/VALE/validate")

    def validate(_: int) -> int | None:
        try:
            return api.post("vouchers/VALE/validate", timeout=1.0).status_code
        except OSError:
            return None

    answers = Counter(at_once(api, validate))
    assert answers[None] == 1
    assert answers[200] + answers[422] == RIVALS - 1
    assert answers[200] <= 1
    assert api.sandbox.committed("/validate") == 1
