"""Back office for loyalty programmes. This package holds the wiring, the wire and the kit; domains stand beside it.

Nothing is imported here, so that `smartbis_admin.api` can be used without Django; the web process
loads the Celery app through `smartbis_admin.wsgi`.
"""
