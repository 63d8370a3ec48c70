"""The wire: everything that leaves this program for a vendor goes through this package.

It knows HTTP, the vendors' published shapes and neutral records. It must not know Django, the
database or who is asking: settings, token store and pace are handed in (see `ports.py`).
"""
