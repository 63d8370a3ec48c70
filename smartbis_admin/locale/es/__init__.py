"""Spanish as in Mexico."""
