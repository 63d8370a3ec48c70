"""The platforms the program speaks to: what each is called, asks for and can do, and how its client is made.

A platform is one entry of `_SPECS`; screens, the mirror and the ledger ask the entry and know no platform
by name. It must not know stored connections: what a client is made from is handed in.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from smartbis_admin.api.capabilities import Capability, Resource
from smartbis_admin.api.ports import Client, Pace, TokenStore
from smartbis_admin.api.smartbis import SmartbisClient
from smartbis_admin.api.smartpasses import SmartPassesClient
from smartbis_admin.api.smile import SmileClient
from smartbis_admin.api.transport import Timeouts


class Provider(models.TextChoices):
    """Platforms by their key; the label is the vendor's own name."""

    SMARTBIS = "smartbis", "Smartbis"
    SMILE = "smile", "Smile.io"
    SMARTPASSES = "smartpasses", "Smart Passes"


@dataclass(frozen=True)
class Account:
    """What a client is made from: where, as whom, and what all processes of the connection share."""

    base_url: str
    credentials: Mapping[str, str]
    zone: ZoneInfo
    tokens: TokenStore
    pace: Pace
    timeouts: Timeouts


@dataclass(frozen=True)
class Credential:
    """One thing a person enters to connect: `secret` ones are typed hidden. None is ever shown again."""

    name: str
    label: str | Promise
    help_text: str | Promise = ""
    secret: bool = False


@dataclass(frozen=True)
class ProviderSpec:
    """One platform. `address_hint` says what its address looks like."""

    address: str
    address_hint: str | Promise
    credentials: tuple[Credential, ...]
    capabilities: frozenset[Capability]
    build: Callable[[Account], Client]
    #: Whether new rows stand on the last of numbered pages, so that reading these every few minutes is cheap.
    grows_at_its_end: bool = False

    @property
    def lists(self) -> list[Resource]:
        """The lists that can be walked and mirrored, in the order a whole synchronisation takes them."""
        return [resource for resource in Resource if Capability(f"list_{resource}") in self.capabilities]


_GUARDED = _("Fica guardado com criptografia e não é mostrado de novo.")


def _smartbis(account: Account) -> Client:
    return SmartbisClient(
        base_url=account.base_url,
        api_key=account.credentials.get("api_key", ""),
        api_secret=account.credentials.get("api_secret", ""),
        tokens=account.tokens,
        pace=account.pace,
        zone=account.zone,
        timeouts=account.timeouts,
    )


def _smile(account: Account) -> Client:
    return SmileClient(
        base_url=account.base_url,
        secret_key=account.credentials.get("secret_key", ""),
        pace=account.pace,
        timeouts=account.timeouts,
    )


def _smartpasses(account: Account) -> Client:
    return SmartPassesClient(
        base_url=account.base_url,
        app_key=account.credentials.get("app_key", ""),
        program_id=account.credentials.get("program_id", ""),
        pace=account.pace,
        timeouts=account.timeouts,
    )


_SPECS: dict[str, ProviderSpec] = {
    Provider.SMARTBIS: ProviderSpec(
        address="https://api.smartbis.com/v2/",
        address_hint=_("Começa com https e termina com a versão, como https://api.smartbis.com/v2/"),
        credentials=(
            Credential("api_key", _("Chave da API (api_key)")),
            Credential("api_secret", _("Segredo da API (api_secret)"), _GUARDED, secret=True),
        ),
        capabilities=SmartbisClient.capabilities,
        build=_smartbis,
        grows_at_its_end=True,
    ),
    Provider.SMILE: ProviderSpec(
        address="https://api.smile.io/",
        address_hint=_("Sem a versão no fim, como https://api.smile.io/"),
        credentials=(Credential("secret_key", _("Chave secreta (API key)"), _GUARDED, secret=True),),
        capabilities=SmileClient.capabilities,
        build=_smile,
    ),
    Provider.SMARTPASSES: ProviderSpec(
        address="https://pass.smartpasses.io/api/v1/loyalty/",
        address_hint=_("Termina em loyalty, como https://pass.smartpasses.io/api/v1/loyalty/"),
        credentials=(
            Credential("program_id", _("Número do programa (programId)")),
            Credential("app_key", _("Chave do aplicativo (App Key)"), _GUARDED, secret=True),
        ),
        capabilities=SmartPassesClient.capabilities,
        build=_smartpasses,
    ),
}


def spec_of(provider: str) -> ProviderSpec:
    """The entry of a platform. Raises `KeyError` for a word nobody registered."""
    return _SPECS[provider]


def able_to(capability: Capability) -> list[str]:
    """The platforms that can do this."""
    return [provider for provider, spec in _SPECS.items() if capability in spec.capabilities]
