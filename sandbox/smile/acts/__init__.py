"""Acts: changes behind the client's back, as Smile's panel, the shop's platform or the customer make them.

Source: contract README §4; argument names and the acts beyond the contract are documented in
`sandbox/README.md`. An act answers with the object in the shape of `smile-current`, whatever the credential is.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction

from sandbox.arguments import Arguments
from sandbox.control.clock import clock
from sandbox.smile import services
from sandbox.smile.acts import customers, programme
from sandbox.smile.auth import CREDENTIALS
from sandbox.smile.refusals import Refused
from sandbox.vendors import ActRefused

Act = Callable[[int, int, Arguments], Any]


def performed(act: Act) -> Callable[[str, Mapping[str, Any]], Any]:
    """The act as the register wants it: for a credential, refusing unknown arguments, all or nothing."""

    def perform(credential: str, given: Mapping[str, Any]) -> Any:
        account, now = CREDENTIALS[credential].account, clock.now() * 1000
        services.settle(account=account, now=now)
        try:
            with transaction.atomic(), Arguments(given) as arguments:
                return act(account, now, arguments)
        except Refused as refused:
            raise ActRefused(refused.message) from refused

    return perform


ACTS = {
    act.__name__: performed(act)
    for act in (
        customers.credit,
        customers.expire_points,
        customers.set_state,
        customers.add_customer,
        programme.fulfil,
        customers.edit_customer,
        customers.remove_customer,
        customers.tier_changes,
        programme.add_product,
        programme.remove_product,
        programme.add_tier,
        programme.add_earning_rule,
        programme.refer,
    )
}
