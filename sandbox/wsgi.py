"""The sandbox as a WSGI application: Django behind the gate."""

import os

from django.core.wsgi import get_wsgi_application

from sandbox.control.gate import Gate

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sandbox.settings")
application = Gate(get_wsgi_application())
