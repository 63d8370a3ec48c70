"""The start page: figures over all rooms, kept as a roll-up so that no page waits for a count."""
