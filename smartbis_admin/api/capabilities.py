"""What a provider's client can list and do, so that a screen shows only what a connection can do.

Names only; it must not know any vendor. A client declares its `capabilities` as a frozenset.
"""

from enum import StrEnum


class Resource(StrEnum):
    """A listing that can be walked and mirrored."""

    CATEGORIES = "categories"
    REWARDS = "rewards"
    CUSTOMERS = "customers"
    VOUCHERS = "vouchers"


class Capability(StrEnum):
    """One thing a connection can do."""

    LIST_CATEGORIES = "list_categories"
    LIST_REWARDS = "list_rewards"
    LIST_CUSTOMERS = "list_customers"
    LIST_VOUCHERS = "list_vouchers"
    FIND_CUSTOMER_BY_CPF = "find_customer_by_cpf"
    CREATE_CUSTOMER = "create_customer"
    REGISTER_SALE = "register_sale"
    SET_STOCK = "set_stock"
    VALIDATE_VOUCHER = "validate_voucher"
    CREATE_CATEGORY = "create_category"
