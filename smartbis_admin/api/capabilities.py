"""What a provider's client can list and do, so that a screen shows only what a connection can do.

Names only; it must not know any vendor. A client declares its `capabilities` as a frozenset.
"""

from enum import StrEnum


class Resource(StrEnum):
    """A listing that can be walked and mirrored."""

    CATEGORIES = "categories"
    REWARDS = "rewards"
    VIP_TIERS = "vip_tiers"
    POINTS_PRODUCTS = "points_products"
    OFFERS = "offers"
    EARNING_RULES = "earning_rules"
    CUSTOMERS = "customers"
    VOUCHERS = "vouchers"
    POINTS_TRANSACTIONS = "points_transactions"
    FULFILMENTS = "fulfilments"


class Reading(StrEnum):
    """What is read to try a connection that has no listing to mirror."""

    POS_SALES = "pos_sales"
    POS_MACHINES = "pos_machines"
    POS_CUSTOMERS = "pos_customers"
    WHATSAPP_NUMBER = "whatsapp_number"


class Capability(StrEnum):
    """One thing a connection can do."""

    LIST_CATEGORIES = "list_categories"
    LIST_REWARDS = "list_rewards"
    LIST_CUSTOMERS = "list_customers"
    LIST_VOUCHERS = "list_vouchers"
    LIST_VIP_TIERS = "list_vip_tiers"
    LIST_POINTS_PRODUCTS = "list_points_products"
    LIST_EARNING_RULES = "list_earning_rules"
    LIST_POINTS_TRANSACTIONS = "list_points_transactions"
    LIST_FULFILMENTS = "list_fulfilments"
    LIST_OFFERS = "list_offers"
    FIND_CUSTOMER_BY_CPF = "find_customer_by_cpf"
    CREATE_CUSTOMER = "create_customer"
    REGISTER_SALE = "register_sale"
    SET_STOCK = "set_stock"
    VALIDATE_VOUCHER = "validate_voucher"
    CREATE_CATEGORY = "create_category"
    READ_CUSTOMER = "read_customer"
    UPDATE_CUSTOMER = "update_customer"
    DELETE_CUSTOMER = "delete_customer"
    ADD_POINTS = "add_points"
    DEDUCT_POINTS = "deduct_points"
    BUY_POINTS_PRODUCT = "buy_points_product"
    SEND_ACTIVITY = "send_activity"
    EDIT_OFFERS = "edit_offers"
    #: Sales of card machines come in: pulled, pushed or by file.
    POS_FEED = "pos_feed"
    SEND_WHATSAPP = "send_whatsapp"
