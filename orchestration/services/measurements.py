"""Measuring what a repayment brings: a figure before, the same one after."""

import math
from datetime import datetime

from accounts.selectors import User
from common import clock
from common.errors import Refused
from ledger.selectors import debt_get
from orchestration.models import DebtLink, Measurement
from orchestration.services.loads import LARGEST, require_past
from orchestration.services.queueing import require_requester

LONGEST_NAME = 100
LONGEST_UNIT = 30
LONGEST_NOTE = 500


def measurement_add(
    *,
    actor: User | None,
    item_id: int,
    name: str,
    value: float,
    is_after: bool,
    unit: str = "",
    note: str = "",
    environment_id: int | None = None,
    at: datetime | None = None,
) -> Measurement:
    """Note a figure of a debt, before or after its repayment. Needs a contributor.

    A later one of the same name and side takes its place; none is changed. Raises NotFound for a
    debt that there is not, and Refused for what cannot be compared.
    """
    require_requester(actor)
    item = debt_get(item_id)
    text = name.strip()
    if not 0 < len(text) <= LONGEST_NAME or not text.isprintable():
        raise Refused(f"Name the figure in at most {LONGEST_NAME} characters.", "name")
    if len(unit.strip()) > LONGEST_UNIT or not unit.strip().isprintable():
        raise Refused(f"A unit has at most {LONGEST_UNIT} characters.", "unit")
    if not math.isfinite(value) or abs(value) > LARGEST:
        raise Refused("A figure is a number.", "value")
    moment = at or clock.now()
    require_past(moment)
    _require_same_unit(item_id, text, unit.strip())
    if environment_id is not None and not _serves(environment_id, item_id):
        raise Refused("This environment does not serve the debt.", "environment")
    return Measurement.objects.create(
        item_id=item.pk,
        environment_id=environment_id,
        name=text,
        unit=unit.strip(),
        is_after=is_after,
        value=value,
        note=note.strip()[:LONGEST_NOTE],
        at=moment,
        made_by_id=actor.pk if actor else None,
    )


def _require_same_unit(item_id: int, name: str, unit: str) -> None:
    known = Measurement.objects.filter(item=item_id, name=name).order_by("pk")
    first = known.values_list("unit", flat=True).first()
    if first is not None and first != unit:
        raise Refused(f"It was measured in “{first}” before; give it in the same unit.", "unit")


def _serves(environment_id: int, item_id: int) -> bool:
    return DebtLink.objects.filter(environment=environment_id, item=item_id).exists()
