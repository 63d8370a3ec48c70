"""The screens of this room: customers (`people`), the counter (`counter`), sales (`sales`)."""
