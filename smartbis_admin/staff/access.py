"""What a person may do, in one table: the permissions, the four roles, and the word a view declares.

Every view names exactly one `Access` (or `ANYONE`, `SIGNED_IN`); a misspelt one fails at import and a
test walks the URLconf. Source of the table: `communication-and-rules.md` §3 and `product.md`.
"""

from enum import StrEnum

from django.utils.translation import gettext_lazy as _


class Access(StrEnum):
    """One permission; its value is the Django permission `app_label.codename`."""

    SEE_OVERVIEW = "staff.see_overview"
    SEE_CUSTOMERS = "staff.see_customers"
    SEE_PERSONAL_DATA = "staff.see_personal_data"
    REGISTER_CUSTOMER = "staff.register_customer"
    DELETE_CUSTOMER = "staff.delete_customer"
    CARE_FOR_CUSTOMERS = "staff.care_for_customers"
    CHANGE_POINTS = "staff.change_points"
    REGISTER_SALE = "staff.register_sale"
    SEE_REWARDS = "staff.see_rewards"
    CHANGE_STOCK = "staff.change_stock"
    CHANGE_CATEGORIES = "staff.change_categories"
    CHANGE_OFFERS = "staff.change_offers"
    SEE_VOUCHERS = "staff.see_vouchers"
    USE_TILL = "staff.use_till"
    FLAG_VOUCHERS = "staff.flag_vouchers"
    SEE_SHIFTS = "staff.see_shifts"
    DECIDE_REVERSALS = "staff.decide_reversals"
    SETTLE_CONTINGENCY = "staff.settle_contingency"
    SEE_SYNC = "staff.see_sync"
    RUN_SYNC = "staff.run_sync"
    SETTLE_WRITES = "staff.settle_writes"
    SETTLE_POS_SALES = "staff.settle_pos_sales"
    CHANGE_RULE = "staff.change_rule"
    MANAGE_MESSAGES = "staff.manage_messages"
    MANAGE_CONNECTIONS = "staff.manage_connections"
    MANAGE_STAFF = "staff.manage_staff"

    @property
    def codename(self) -> str:
        return self.value.partition(".")[2]


#: Declared by views that need no sign-in (login page, health check).
ANYONE = "anyone"
#: Declared by views for every signed-in person (own language, sign-out, start page).
SIGNED_IN = "signed-in"

LABELS = {
    Access.SEE_OVERVIEW: _("Ver o painel"),
    Access.SEE_CUSTOMERS: _("Consultar clientes"),
    Access.SEE_PERSONAL_DATA: _("Ver CPF, telefone e e-mail completos"),
    Access.REGISTER_CUSTOMER: _("Cadastrar cliente"),
    Access.DELETE_CUSTOMER: _("Excluir cliente na plataforma"),
    Access.CARE_FOR_CUSTOMERS: _("Anotar, etiquetar e registrar consentimentos"),
    Access.CHANGE_POINTS: _("Ajustar e trocar pontos"),
    Access.REGISTER_SALE: _("Registrar venda"),
    Access.SEE_REWARDS: _("Ver recompensas e categorias"),
    Access.CHANGE_STOCK: _("Alterar estoque"),
    Access.CHANGE_CATEGORIES: _("Criar categoria"),
    Access.CHANGE_OFFERS: _("Criar, publicar e cancelar ofertas"),
    Access.SEE_VOUCHERS: _("Ver vouchers"),
    Access.USE_TILL: _("Validar vouchers no caixa"),
    Access.FLAG_VOUCHERS: _("Marcar vouchers para conferência"),
    Access.SEE_SHIFTS: _("Ver turnos e leituras dos caixas"),
    Access.DECIDE_REVERSALS: _("Decidir estornos"),
    Access.SETTLE_CONTINGENCY: _("Liberar a contingência e resolver seus conflitos"),
    Access.SEE_SYNC: _("Ver a sincronização"),
    Access.RUN_SYNC: _("Sincronizar"),
    Access.SETTLE_WRITES: _("Resolver o que está a confirmar"),
    Access.SETTLE_POS_SALES: _("Resolver vendas das maquininhas"),
    Access.CHANGE_RULE: _("Alterar a regra do programa"),
    Access.MANAGE_MESSAGES: _("Configurar e enviar mensagens a clientes"),
    Access.MANAGE_CONNECTIONS: _("Gerenciar integrações"),
    Access.MANAGE_STAFF: _("Gerenciar usuários e lojas"),
}


class Role(StrEnum):
    """The four roles; each is a Django group of that name."""

    OWNER = "owner"
    MANAGER = "manager"
    CASHIER = "cashier"
    VIEWER = "viewer"


ROLE_LABELS = {
    Role.OWNER: _("Proprietário"),
    Role.MANAGER: _("Gestor"),
    Role.CASHIER: _("Caixa"),
    Role.VIEWER: _("Somente leitura"),
}

_VIEWER = {
    Access.SEE_OVERVIEW,
    Access.SEE_CUSTOMERS,
    Access.SEE_REWARDS,
    Access.SEE_VOUCHERS,
    Access.SEE_SYNC,
}
_CASHIER = {Access.USE_TILL, Access.SEE_CUSTOMERS, Access.REGISTER_SALE}
ROLE_ACCESS: dict[Role, frozenset[Access]] = {
    Role.OWNER: frozenset(Access),
    Role.MANAGER: frozenset(Access) - {Access.MANAGE_STAFF},
    Role.CASHIER: frozenset(_CASHIER),
    Role.VIEWER: frozenset(_VIEWER),
}
