"""Reversal cases: what is done about a voucher that should not have been used. Source: `cashier-screen.md` law 7."""
