"""Demo data of the sandbox's Smartbis: a deterministic year of an invented merchant."""

import sqlite3

from sandbox.smartbis.auth import CREDENTIALS

__all__ = ["demo", "prepare"]


def prepare(connection: sqlite3.Connection) -> None:
    """What must exist even in an empty database: one account per credential."""
    for credential in CREDENTIALS.values():
        connection.execute(
            "INSERT INTO smartbis_account (id, credential, customers, coupons, categories, vouchers, next_customer,"
            " next_sale, next_coupon, next_category, next_voucher) VALUES (?, ?, 0, 0, 0, 0, ?, ?, ?, ?, 1)",
            (credential.account, credential.key, 18001, 90001, 41, 3),
        )


def demo(connection: sqlite3.Connection, customers: int, today: int) -> None:
    pass
