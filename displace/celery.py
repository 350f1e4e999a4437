"""The Celery app: `celery -A displace.celery worker`, `celery -A displace.celery beat`."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "displace.settings")

app = Celery("displace")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
