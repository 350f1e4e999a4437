"""Reports that remote systems send about their orders: signed, of these minutes, taken once."""

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, InterfaceError, OperationalError, connection, transaction

from common import clock
from common.encryption import CannotOpen, seal, unseal
from common.errors import Denied, Refused
from common.standard_webhooks import BadSecret, is_genuine
from orchestration.models import Resource, Run, RunReport, Target
from orchestration.services.run_tokens import Purpose, resource_of_run, run_by_key
from orchestration.services.targets import settings_opened

log = logging.getLogger(__name__)

MOST_BYTES = 256 * 1024
# Of one resource in one run; a sender that is stuck does not fill the database.
MOST_REPORTS = 500
LONGEST_ID = 200
STATES = ("progress", "succeeded", "failed", "canceled")
_DENIED = "The report is not signed as it has to be, or its run has ended."


@dataclass(frozen=True, slots=True)
class Signed:
    """A message as Standard Webhooks has it."""

    message_id: str
    timestamp: str
    signatures: str
    body: bytes


def report_take(
    *, target_key: str, run_key: str, resource_name: str, token: str, message: Signed
) -> None:
    """Keep a report. Once more does nothing. Raises Denied or Refused."""
    resource = resource_of_run(run_key, resource_name, token, Purpose.REPORT)
    run = run_by_key(run_key)
    if run is None or resource.target.key != target_key:
        raise Denied(_DENIED)
    _require_genuine(resource.target, message)
    if len(message.message_id) > LONGEST_ID:
        raise Refused("The id of the message is too long.")
    said = _read(message.body)
    order = said["order"]
    is_ours = order.startswith(f"{run.key}.{resource.name}.") and order.isascii()
    if not is_ours or not order.isprintable() or len(order) > LONGEST_ID:
        raise Refused("That is no order of this run.")
    reports = RunReport.objects.filter(run=run, resource=resource)
    if reports.filter(message_id=message.message_id).exists():
        return
    if reports.count() >= MOST_REPORTS:
        raise Refused("That is more than is taken for one resource.")
    try:
        with transaction.atomic():
            RunReport.objects.create(
                run=run,
                resource=resource,
                message_id=message.message_id,
                order=order,
                sealed=seal(json.dumps(said)),
                at=clock.now(),
            )
    except IntegrityError:  # the same, sent twice at once
        return


def reports_of(run: Run, resource: Resource) -> Callable[[str], Sequence[Mapping[str, Any]]]:
    """For an engine: what was reported about an order of this run, the newest last.

    Nothing while the database is away: it may be restarting, and the next look finds them.
    """
    is_away = False

    def found(order: str) -> Sequence[Mapping[str, Any]]:
        nonlocal is_away
        reports = RunReport.objects.filter(run_id=run.pk, resource_id=resource.pk, order=order)
        try:
            sealed = [one.sealed for one in reports.order_by("pk")]
        except (OperationalError, InterfaceError) as error:
            if not is_away:
                log.warning("reports to %s cannot be read for the moment: %s", run.reference, error)
            is_away = True
            connection.close()
            return []
        is_away = False
        return [json.loads(unseal(one)) for one in sealed]

    return found


def _require_genuine(target: Target, message: Signed) -> None:
    try:
        secret = settings_opened(target).get("secret", "")
        is_good = bool(secret) and is_genuine(
            secret,
            message.message_id,
            message.timestamp,
            message.signatures,
            message.body,
            now=clock.now(),
        )
    except (BadSecret, CannotOpen):
        is_good = False
    if not is_good:
        raise Denied(_DENIED)


def _read(body: bytes) -> dict[str, Any]:
    """What a report says. Raises Refused."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        said = None
    data = said.get("data") if isinstance(said, dict) else None
    if not isinstance(data, dict) or not isinstance(data.get("order"), str):
        raise Refused("A report is {“type”: “run.reported”, “data”: {“order”: …, “state”: …}}.")
    if data.get("state") not in STATES:
        raise Refused(f"The state of a report is one of {', '.join(STATES)}.")
    return data
