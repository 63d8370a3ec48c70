"""Entry point of the web processes (`gunicorn smartbis_admin.wsgi`)."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "smartbis_admin.settings")
application = get_wsgi_application()
