"""What engines of other systems share: their API, waiting, an order and its answer.

An order is given once, under a key that stays the same when the run is taken up again. Whoever
cannot tell whether an order arrived says so (EngineUnknown) and does not repeat it.
"""

import time
from abc import abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, TypeVar

from orchestration.domain.plans import Change, ChangeKind
from orchestration.domain.states import EventKind, Fidelity, RunAction
from orchestration.engines.declared import declared_changes
from orchestration.engines.engine import (
    Applied,
    Canceled,
    Engine,
    EngineFailed,
    EngineUnknown,
    Job,
    Missing,
    Observed,
    Planned,
    TimedOut,
)
from orchestration.engines.target_api import LOOK_AT_TARGET, Unreached

Found = TypeVar("Found")

# Between two looks at something that is under way.
LOOK_SECONDS = 2.0
# A target that does not answer for so long, while an order is under way, is given up.
PATIENCE_SECONDS = 90.0
# What a target may take to carry out a cancel.
CANCEL_SECONDS = 60.0
_LONGEST_SAID = 300
_MOST_OUTPUT = 8000


def wait_for(
    job: Job,
    look: Callable[[], Found | None],
    *,
    on_end: Callable[[], bool] = lambda: False,
    seconds: float | None = None,
) -> Found:
    """Look until there is something; that is given back.

    When a person wants it to end, or the time is over, `on_end` asks the target to stop, and tells
    whether it surely has. Raises Canceled, TimedOut, or EngineUnknown where it has not.
    """
    until = time.monotonic() + (job.seconds if seconds is None else seconds)
    heard_at = time.monotonic()
    while True:
        if job.is_canceled():
            raise _ended(Canceled("It was canceled."), on_end)
        try:
            found = look()
            heard_at = time.monotonic()
        except Unreached as error:
            found = None
            if time.monotonic() - heard_at > PATIENCE_SECONDS:
                raise EngineUnknown(
                    f"{error.message} Nobody knows what came of the order.", error.advice
                ) from None
        if found is not None:
            return found
        if time.monotonic() > until:
            raise _ended(TimedOut("It did not end in time."), on_end)
        _pause(job, LOOK_SECONDS)


def _ended(why: EngineFailed, on_end: Callable[[], bool]) -> EngineFailed:
    try:
        is_over = on_end()
    except EngineFailed:
        is_over = False
    if is_over:
        return why
    return EngineUnknown(f"{why.message} The target did not say that it stopped.", LOOK_AT_TARGET)


def until_over(is_over: Callable[[], bool]) -> bool:
    """After a cancel: wait a while for the target to say that it stopped."""
    until = time.monotonic() + CANCEL_SECONDS
    while time.monotonic() < until:
        try:
            if is_over():
                return True
        except Unreached:  # it may answer at the next turn
            pass
        time.sleep(min(LOOK_SECONDS, 1.0))
    return False


def _pause(job: Job, seconds: float) -> None:
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0 and not job.is_canceled():
        time.sleep(min(left, 0.25))


class Dispatching(Engine):
    """Other systems that take an order and answer it: what they do is theirs.

    The answer to every order is {"outputs", "facts", "present", "differences", "changed"}, each of
    them only where it has a meaning.
    """

    is_local: ClassVar[bool] = False
    fidelity: ClassVar[Fidelity] = Fidelity.ADVISORY

    @abstractmethod
    def ask(self, job: Job, action: str) -> Mapping[str, Any]:
        """Give an order ("provision", "observe" or "destroy") and wait for its answer."""

    def missing(self, manifest: Mapping[str, Any]) -> tuple[Missing, ...]:
        return ()

    def plan(self, job: Job) -> Planned:
        """What the blueprint declares; without that nothing is known beforehand."""
        changes = declared_changes(job)
        if job.action is RunAction.REPAIR and job.applied:
            changes = self._repairs(job) or changes
        is_known = bool(job.manifest.get("declares")) or bool(job.applied)
        return Planned(changes, Fidelity.ADVISORY if is_known else Fidelity.NONE)

    def _repairs(self, job: Job) -> tuple[Change, ...]:
        """What is not as declared; where that cannot be seen, it is all ordered anew."""
        try:
            seen = self.observe(job)
            details = seen.differences if seen.is_present else ("It is not there.",)
        except Canceled:
            raise
        except EngineFailed as error:
            details = (f"It could not be looked at: {error.message}",)
        subject = f"{job.manifest['title']}, made again as declared"
        return (Change(job.resource, ChangeKind.UPDATE, subject, details),) if details else ()

    def apply(self, job: Job) -> Applied:
        answer = self.ask(job, "provision")
        changed = answer.get("changed")
        facts = answer.get("facts")
        return Applied(
            outputs_of(job, answer.get("outputs")),
            facts if isinstance(facts, dict) else {},
            changed if isinstance(changed, int) else None,
        )

    def observe(self, job: Job) -> Observed:
        answer = self.ask(job, "observe")
        if not isinstance(answer.get("present"), bool):
            raise EngineFailed("The target did not say whether it is there.", LOOK_AT_TARGET)
        found = answer.get("differences") or ()
        differences = tuple(str(one)[:_LONGEST_SAID] for one in found if isinstance(one, str))
        return Observed(answer["present"], differences[:50], job.facts)

    def destroy(self, job: Job) -> None:
        self.ask(job, "destroy")

    def remains(self, job: Job) -> tuple[str, ...]:
        return ("The target says that it is still there.",) if self.observe(job).is_present else ()


def order_key(job: Job, action: str) -> str:
    """The name of an order. Looking again is another order; doing again is the same."""
    key = f"{job.run_key}.{job.resource}.{action}"
    return f"{key}.{time.time_ns()}" if action == "observe" else key


def outputs_of(job: Job, given: object) -> dict[str, str]:
    """The outputs that the blueprint declares. Raises EngineFailed for what is none."""
    if given is None:
        given = {}
    if not isinstance(given, dict):
        raise EngineFailed("The outputs are not an object.", "Look at what the target answers.")
    found = {}
    for name in job.manifest.get("outputs", {}):
        value = given.get(name)
        if value is None:
            job.emit(EventKind.WARNING, f"{job.resource}: there is no output {name}.")
        elif not isinstance(value, str | int | float) or len(str(value)) > _MOST_OUTPUT:
            raise EngineFailed(f"The output {name} is no text.", "Look at what the target answers.")
        else:
            found[name] = str(value)
    return found
