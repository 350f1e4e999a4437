"""Whether the installation is alive and can work, for load balancers and people."""

import logging

from celery import current_app
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

log = logging.getLogger(__name__)

BROKER_TIMEOUT_SECONDS = 2


def database_answers() -> bool:
    """Whether a query gets through."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        log.error("database unreachable: %s", error)
        return False
    return True


def broker_answers() -> bool:
    """Whether a connection to the message broker can be made, within two seconds."""
    try:
        with current_app.connection_for_write(connect_timeout=BROKER_TIMEOUT_SECONDS) as broker:
            broker.ensure_connection(max_retries=1, timeout=BROKER_TIMEOUT_SECONDS)
    except Exception as error:  # noqa: BLE001 - each broker's library raises errors of its own
        log.warning("broker unreachable: %s", error)
        return False
    return True


@login_not_required
@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The web process answers; nothing else is looked at."""
    return HttpResponse("ok\n", content_type="text/plain")


@login_not_required
@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """503 without the database. Without the broker pages still work and background work waits."""
    has_database, has_broker = database_answers(), broker_answers()
    report = {
        "database": "ok" if has_database else "unreachable",
        "broker": "ok" if has_broker else "unreachable",
    }
    return JsonResponse(report, status=200 if has_database else 503)
