"""Wiring of the installation: settings, URLs, the Celery app. Nothing imports it."""
