"""Answers that a remote system sends to us by itself, signed; `web/callbacks.py` takes them."""

from collections.abc import Mapping
from typing import Any

from common.connection_settings import BadSettings
from common.standard_webhooks import BadSecret, key_of
from orchestration.domain.states import EventKind
from orchestration.engines.engine import Canceled, EngineFailed, EngineUnknown, Job
from orchestration.engines.remote import wait_for

# A report may come a moment after its sender says that it has ended.
_LATE_SECONDS = 60.0


def check_secret(settings: Mapping[str, str], name: str, *, is_required: bool) -> None:
    """Raises BadSettings for what is no signing secret."""
    if not settings.get(name) and not is_required:
        return
    try:
        key_of(settings.get(name, ""))
    except BadSecret as error:
        raise BadSettings(str(error), name) from None


def reported(job: Job, order: str) -> Mapping[str, Any]:
    """The final report of an order that has ended. Raises EngineUnknown where none comes."""
    try:
        return answered(wait_for(job, lambda: final_report(job, order), seconds=_LATE_SECONDS))
    except EngineFailed as error:
        if type(error) is EngineFailed or isinstance(error, Canceled):
            raise
        raise EngineUnknown(
            "It has ended, and did not report what came of it.",
            "Look at what it says itself; it reports as docs/engines.md shows.",
        ) from None


def answered(report: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a final report answers. Raises EngineFailed where it says that it failed."""
    words = str(report.get("message", ""))[:600]
    match report.get("state"):
        case "succeeded":
            return report
        case "canceled":
            raise Canceled(words or "The target canceled it.")
        case _:
            raise EngineFailed(
                words or "The target says that it failed.", "Look at the target itself."
            )


def final_report(job: Job, order: str) -> Mapping[str, Any] | None:
    """The report that ends an order, or None."""
    for report in job.reports(order):
        if report.get("state") in ("succeeded", "failed", "canceled"):
            return report
    return None


class Progress:
    """Tells the log what is reported on the way, each report once."""

    def __init__(self, job: Job, order: str) -> None:
        self._job, self._order, self._told = job, order, 0

    def look(self) -> Mapping[str, Any] | None:
        """The final report, or None; tells what is new."""
        reports = self._job.reports(self._order)
        for report in reports[self._told :]:
            if words := str(report.get("message", ""))[:600]:
                self._job.emit(EventKind.OUTPUT, f"{self._job.resource}: {words}")
        # None is read while the database is away; what was told is not told again.
        self._told = max(self._told, len(reports))
        return final_report(self._job, self._order)
