"""Entry point of the web processes (`gunicorn smartbis_admin.wsgi`)."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "smartbis_admin.settings")
application = get_wsgi_application()
# The job app must be known before the first task is called, or its message goes to another broker.
import smartbis_admin.celery  # noqa: E402,F401
