"""The sandbox: a separate program that speaks the vendors' APIs over real HTTP, with its own data.

It imports nothing of the back office and nothing of the back office imports it; both are written from the
same contracts, so that one checks the other. Start it with `python -m sandbox serve`; see `README.md`.
"""
