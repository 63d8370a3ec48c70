"""The platforms the program speaks to: what each is called, asks for and can do, and how its client is made.

Most are programmes with lists to mirror; a bridge brings sales in and a channel takes messages out, and neither has
any list. A platform is one entry of `_SPECS`; screens, the mirror and the ledger ask the entry and know no platform
by name. It must not know stored connections: what a client is made from is handed in.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from smartbis_admin.api.capabilities import Capability, Reading, Resource
from smartbis_admin.api.ports import Door, Pace, TokenStore
from smartbis_admin.api.smartbis import SmartbisClient
from smartbis_admin.api.smartpasses import SmartPassesClient
from smartbis_admin.api.smartpos import SmartPosClient
from smartbis_admin.api.smile import SmileClient
from smartbis_admin.api.transport import Timeouts
from smartbis_admin.api.whatsapp import WhatsAppClient


class Provider(models.TextChoices):
    """Platforms by their key; the label is the vendor's own name."""

    SMARTBIS = "smartbis", "Smartbis"
    SMILE = "smile", "Smile.io"
    SMARTPASSES = "smartpasses", "Smart Passes"
    SMARTPOS = "smartpos", "SmartPOS"
    WHATSAPP = "whatsapp", "WhatsApp"


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
    """One platform. `address_hint` says what its address looks like, `purpose` what it is connected for."""

    kind: str | Promise
    icon: str
    address: str
    address_hint: str | Promise
    purpose: str | Promise
    credentials: tuple[Credential, ...]
    capabilities: frozenset[Capability]
    build: Callable[[Account], Door]
    #: Whether new rows stand on the last of numbered pages, so that reading these every few minutes is cheap.
    grows_at_its_end: bool = False
    #: Lists that can be asked for what changed since a moment.
    tells_changes: frozenset[Resource] = frozenset()
    #: How long after one reading of a list the program begins another by itself; a person may ask any time.
    list_rest: timedelta = timedelta(0)
    #: What is read to try a connection without lists.
    readings: tuple[Reading, ...] = ()
    #: Credentials we make ourselves at once, for a person to enter at the platform.
    made_here: tuple[str, ...] = ()
    #: Name of the URL at which it knocks at ours; its one argument is `doors.door_token`.
    door: str = ""
    #: Whether what it sends there is signed with a secret we make (`push_secrets`).
    signs_with_ours: bool = False

    @property
    def lists(self) -> list[Resource]:
        """The lists that can be walked and mirrored, in the order a whole synchronisation takes them."""
        return [resource for resource in Resource if Capability(f"list_{resource}") in self.capabilities]

    @property
    def tried(self) -> list[Resource | Reading]:
        """What is read to try a connection."""
        return [*self.lists, *self.readings]

    @property
    def is_programme(self) -> bool:
        """Whether it is a programme customers are in, and not a way in or out of one."""
        return bool(self.lists)


_PROGRAMME = _("Programa de fidelidade")
_GUARDED = _("Fica guardado com criptografia e não é mostrado de novo.")


def _smartbis(account: Account) -> Door:
    return SmartbisClient(
        base_url=account.base_url,
        api_key=account.credentials.get("api_key", ""),
        api_secret=account.credentials.get("api_secret", ""),
        tokens=account.tokens,
        pace=account.pace,
        zone=account.zone,
        timeouts=account.timeouts,
    )


def _smile(account: Account) -> Door:
    return SmileClient(
        base_url=account.base_url,
        secret_key=account.credentials.get("secret_key", ""),
        pace=account.pace,
        timeouts=account.timeouts,
    )


def _smartpasses(account: Account) -> Door:
    return SmartPassesClient(
        base_url=account.base_url,
        app_key=account.credentials.get("app_key", ""),
        program_id=account.credentials.get("program_id", ""),
        pace=account.pace,
        timeouts=account.timeouts,
    )


def _smartpos(account: Account) -> Door:
    return SmartPosClient(
        base_url=account.base_url,
        client_id=account.credentials.get("client_id", ""),
        client_secret=account.credentials.get("client_secret", ""),
        tokens=account.tokens,
        pace=account.pace,
        zone=account.zone,
        timeouts=account.timeouts,
    )


def _whatsapp(account: Account) -> Door:
    return WhatsAppClient(
        base_url=account.base_url,
        phone_number_id=account.credentials.get("phone_number_id", ""),
        access_token=account.credentials.get("access_token", ""),
        pace=account.pace,
        timeouts=account.timeouts,
    )


_SPECS: dict[str, ProviderSpec] = {
    Provider.SMARTBIS: ProviderSpec(
        kind=_PROGRAMME,
        icon="building-store",
        address="https://api.smartbis.com/v2/",
        address_hint=_("Começa com https e termina com a versão, como https://api.smartbis.com/v2/"),
        purpose=_("Clientes, recompensas, vouchers e vendas do programa das lojas."),
        credentials=(
            Credential("api_key", _("Chave da API (api_key)")),
            Credential("api_secret", _("Segredo da API (api_secret)"), _GUARDED, secret=True),
        ),
        capabilities=SmartbisClient.capabilities,
        build=_smartbis,
        grows_at_its_end=True,
    ),
    Provider.SMILE: ProviderSpec(
        kind=_PROGRAMME,
        icon="shopping-cart",
        address="https://api.smile.io/",
        address_hint=_("Sem a versão no fim, como https://api.smile.io/"),
        purpose=_("Clientes, pontos, níveis e resgates do programa da loja virtual."),
        credentials=(Credential("secret_key", _("Chave secreta (API key)"), _GUARDED, secret=True),),
        capabilities=SmileClient.capabilities,
        build=_smile,
        tells_changes=SmileClient.tells_changes,
    ),
    Provider.SMARTPASSES: ProviderSpec(
        kind=_PROGRAMME,
        icon="id-badge-2",
        address="https://pass.smartpasses.io/api/v1/loyalty/",
        address_hint=_("Termina em loyalty, como https://pass.smartpasses.io/api/v1/loyalty/"),
        purpose=_("Cartões na carteira do celular, com pontos e ofertas."),
        credentials=(
            Credential("program_id", _("Número do programa (programId)")),
            Credential("app_key", _("Chave do aplicativo (App Key)"), _GUARDED, secret=True),
        ),
        capabilities=SmartPassesClient.capabilities,
        build=_smartpasses,
        list_rest=SmartPassesClient.list_rest,
    ),
    Provider.SMARTPOS: ProviderSpec(
        kind=_("Ponte das maquininhas"),
        icon="device-tablet",
        address="",
        address_hint=_("O endereço que o SmartPOS informou, sem a versão no fim"),
        purpose=_("Traz as vendas das maquininhas sem aplicativo da Smartbis para o programa."),
        credentials=(
            Credential("client_id", _("Identificação do cliente (client_id)")),
            Credential("client_secret", _("Segredo do cliente (client_secret)"), _GUARDED, secret=True),
        ),
        capabilities=SmartPosClient.capabilities,
        build=_smartpos,
        readings=(Reading.POS_SALES, Reading.POS_MACHINES, Reading.POS_CUSTOMERS),
        door="bridge:push",
        signs_with_ours=True,
    ),
    Provider.WHATSAPP: ProviderSpec(
        kind=_("Mensagens"),
        icon="brand-whatsapp",
        address="https://graph.facebook.com/v21.0/",
        address_hint=_("Termina com a versão da API, como https://graph.facebook.com/v21.0/"),
        purpose=_("Envia mensagens do programa pelo número de WhatsApp da loja e recebe as respostas."),
        credentials=(
            Credential("phone_number_id", _("Identificação do número (phone_number_id)")),
            Credential("access_token", _("Token de acesso permanente (access_token)"), _GUARDED, secret=True),
            Credential("app_secret", _("Segredo do aplicativo (app_secret)"), _GUARDED, secret=True),
        ),
        capabilities=WhatsAppClient.capabilities,
        build=_whatsapp,
        readings=(Reading.WHATSAPP_NUMBER,),
        made_here=("verify_token",),
        door="outreach:webhook",
    ),
}


def spec_of(provider: str) -> ProviderSpec:
    """The entry of a platform. Raises `KeyError` for a word nobody registered."""
    return _SPECS[provider]


def programmes() -> list[str]:
    """The platforms that are programmes."""
    return [provider for provider, spec in _SPECS.items() if spec.is_programme]


def able_to(capability: Capability) -> list[str]:
    """The platforms that can do this."""
    return [provider for provider, spec in _SPECS.items() if capability in spec.capabilities]
