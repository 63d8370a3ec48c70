"""Entry point of the job processes (`celery -A smartbis_admin worker` and `beat`)."""

import os
from pathlib import Path

from celery import Celery
from django.conf import settings

from smartbis_admin import filequeue

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "smartbis_admin.settings")
filequeue.use()
app = Celery("smartbis_admin")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

for _key, _folder in getattr(settings, "CELERY_BROKER_TRANSPORT_OPTIONS", {}).items():
    if "folder" in _key:
        Path(_folder).mkdir(parents=True, exist_ok=True)
