"""The till: one screen on which a cashier validates vouchers. Source: `cashier-screen.md`."""
