"""The same person in several programmes."""
