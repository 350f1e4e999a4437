"""Looks for drift pile up, several a day for each environment; those that found nothing go."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef

from orchestration.domain.states import EventKind, RunAction, RunState
from orchestration.models import Run, RunEvent, RunReport

# It could not look, or nobody did: that is no finding either.
_NOTHING_FOUND = (RunState.NO_CHANGES, RunState.PLAN_FAILED, RunState.EXPIRED)
MOST_AT_ONCE = 500


def looks_forget(*, now: datetime) -> int:
    """Delete old looks of our own that found nothing, whole, with their logs; return how many.

    The newest of each environment stays, and so does one in whose log a person did something, such
    as looking at a secret.
    """
    looks = Run.objects.filter(action=RunAction.DRIFT.value)
    newer = looks.filter(environment=OuterRef("environment"), pk__gt=OuterRef("pk"))
    by_people = RunEvent.objects.filter(run=OuterRef("pk"), kind=EventKind.PERSON.value)
    old = looks.filter(
        Exists(newer),
        ~Exists(by_people),
        requested_by__isnull=True,
        state__in=[one.value for one in _NOTHING_FOUND],
        ended_at__lt=now - settings.ORCHESTRATION_KEEP_LOOKS,
    )
    with transaction.atomic():
        # Whoever writes a line locks the row as well.
        found = list(
            old.select_for_update().order_by("pk").values_list("pk", flat=True)[:MOST_AT_ONCE]
        )
        RunReport.objects.filter(run__in=found).delete()
        # The database lets a line go only once its run is gone, and no line stay behind it; Django
        # itself would begin with the lines.
        rows = Run.objects.filter(pk__in=found)
        rows._raw_delete(rows.db)
        RunEvent.objects.filter(run__in=found).delete()
    return len(found)
