"""The screens of this room: customers (`people`, `detail`, `timeline`), what we note about them (`care`, `tags`), the
counter (`counter`), sales (`sales`).
"""
