"""Wiring of the installation: settings, URLs, the Celery app. Nothing imports it."""

# Loaded with Django, so that every process sends its tasks through this app.
from displace.celery import app as celery_app

__all__ = ["celery_app"]
