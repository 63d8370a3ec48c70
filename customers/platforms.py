"""Where a customer can be registered: what each active programme asks for, and which cannot."""

from dataclasses import dataclass

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from smartbis_admin.api.capabilities import Capability
from smartbis_admin.connections.models import Connection


@dataclass(frozen=True)
class Place:
    """A programme, the address of its form, or why there is none; `current`: the form on this page."""

    connection: Connection
    url: str = ""
    why_not: str | Promise = ""
    current: bool = False


def cpf_connections() -> QuerySet[Connection]:
    """The active connections that register customers by CPF."""
    return Connection.objects.able_to(Capability.CREATE_CUSTOMER).able_to(Capability.FIND_CUSTOMER_BY_CPF)


def wallet_connections() -> QuerySet[Connection]:
    """The active connections that register customers without CPF."""
    return Connection.objects.able_to(Capability.CREATE_CUSTOMER).able_to(Capability.UPDATE_CUSTOMER)


def places(current: str) -> list[Place]:
    """Every active programme, when there are several. `current` is the address of the page."""
    found = []
    for connection in Connection.objects.programmes().filter(is_active=True).order_by("pk"):
        url = ""
        if connection.can(Capability.CREATE_CUSTOMER):
            by_cpf = connection.can(Capability.FIND_CUSTOMER_BY_CPF)
            url = reverse("customers:create" if by_cpf else "wallet:create")
        why = "" if url else _("os clientes entram pela loja virtual; a plataforma não os cadastra por aqui")
        found.append(Place(connection, url, why, url == current))
    return found if len(found) > 1 else []
