"""Contingency: what a till may accept while a link is down, and what becomes of it. See `docs/contingency.md`."""
