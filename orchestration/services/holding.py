"""Holding a run while working on it: its lease goes on, its log is written, a cancel is heard.

A thread beside the work extends the lease and writes what the work says. Once the lease is lost,
or somebody wants the run to end, `is_canceled` turns true, and the engine ends what it started.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import islice
from types import TracebackType
from typing import Any, Self

from django.db import InterfaceError, OperationalError, connection, transaction

from common import clock
from orchestration.domain.redaction import Redactor, readable
from orchestration.domain.states import EventKind, RunState
from orchestration.engines.engine import Canceled
from orchestration.models import Run
from orchestration.services.recording import LEASE, Lost, events_add, lease_extend, run_move

log = logging.getLogger(__name__)

# How often a cancel is looked for and the log written, and the lease extended (seconds).
LOOK_EVERY = 0.5
EXTEND_EVERY = LEASE.total_seconds() / 4
# Who works for so long after the deadline hangs: the lease ends, and the sweep takes the run.
OVERTIME = timedelta(minutes=2)
# The database is away, not in disagreement.
AWAY = (OperationalError, InterfaceError)
_LINES_AT_ONCE = 500
# A program that says more than this has stopped telling anybody anything.
MOST_LINES = 10_000


class Holder:
    """What the worker of one run has in hand. Use it as a context manager.

    Two threads write: the work and the one beside it. Each takes `_writing` before it opens a
    transaction, never the other way round; so neither waits for the other's locks in the database.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        self.hide = Redactor(())
        self._lines: deque[tuple[datetime, EventKind, str]] = deque()
        self._taken = 0
        self._writing = threading.RLock()
        self._over = threading.Event()
        self._lost = threading.Event()
        self._canceled = threading.Event()
        self._is_deaf = False
        # Monotonic: the machine's clock may be set while we work.
        self._extended = time.monotonic()
        self._thread = threading.Thread(target=self._beside, name=f"hold {run}", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join()
        try:
            self._write()
        except (Lost, *AWAY):
            log.warning("the last lines of %s were not written", self.run.reference)

    @property
    def is_lost(self) -> bool:
        """The run belongs to somebody else by now; nothing may be written any more."""
        return self._lost.is_set()

    def is_canceled(self) -> bool:
        """Whether to end now: somebody wants it so, or the run is no longer ours.

        Asked without the database: it may have been silent for as long as our lease.
        """
        if self._is_over():
            self._lost.set()
        return self._canceled.is_set() or self._lost.is_set()

    @contextmanager
    def deaf(self) -> Iterator[None]:
        """While a cancel is carried out it is not heard again; a lost lease still is."""
        with self._writing:
            self._is_deaf = True
            self._canceled.clear()
        try:
            yield
        finally:
            self._is_deaf = False

    def require_held(self) -> None:
        """Raise Lost where the run is not ours any more; in a transaction, it stays so until then.

        For writes to other rows than the run's own, which carries a fence of its own.
        """
        rows = Run.objects.select_for_update().filter(pk=self.run.pk, fence=self.run.fence)
        if rows.values_list("pk", flat=True).first() is None:
            raise Lost

    def require_wanted(self) -> None:
        """Raise Canceled where somebody wants it to end, also when nobody heard it yet."""
        rows = Run.objects.filter(pk=self.run.pk)
        if rows.values_list("cancel_requested_at", flat=True).first() is not None:
            raise Canceled("Canceled.")

    def emit(self, kind: EventKind, text: str) -> None:
        """Take a line for the log; secrets are taken out here."""
        self._taken += 1
        if self._taken > MOST_LINES and kind is not EventKind.ERROR:
            if self._taken > MOST_LINES + 1:
                return
            kind, text = EventKind.WARNING, "More was said than is kept."
        self._lines.append((clock.now(), kind, self.hide(readable(text))))

    def move(self, state: RunState, *, reason: str = "", **fields: Any) -> None:
        """Write what was said so far, then change the state. Raises Lost.

        Inside of `settled` where more than the run changes.
        """
        with self._writing:
            self._write()
            run_move(self.run, state, reason=self.hide(readable(reason)), **fields)

    def settled(self, write: Callable[[], None]) -> None:
        """Run `write` in one transaction; again where the database was away meanwhile.

        What was built is written down also when the database restarts just then. Gives up when
        the lease is over by all that we know, and raises Lost.
        """
        state = self.run.state
        while True:
            try:
                with self._writing:
                    self._write()
                    with transaction.atomic():
                        write()
            except AWAY as error:
                log.warning("%s cannot be written for the moment: %s", self.run.reference, error)
                self.run.state = state
                connection.close()
                if self._is_over():
                    self._lost.set()
                    raise Lost from error
                time.sleep(LOOK_EVERY)
            except BaseException:  # whatever it was, the row is as it was read
                self.run.state = state
                raise
            else:
                return

    def _is_over(self) -> bool:
        return self.is_lost or time.monotonic() - self._extended > LEASE.total_seconds()

    def _beside(self) -> None:
        try:
            while not self._over.wait(LOOK_EVERY):
                try:
                    self._look()
                except Lost:
                    self._lost.set()
                except AWAY as error:
                    # It may be restarting. The lease decides whether it was away for too long.
                    log.warning("%s cannot be held for the moment: %s", self.run.reference, error)
                    connection.close()
                    if self._is_over():
                        self._lost.set()
                except Exception:  # without this thread nobody holds the run any more
                    self._lost.set()
                    raise
        finally:
            connection.close()

    def _look(self) -> None:
        with self._writing:
            self._write()
            rows = Run.objects.filter(pk=self.run.pk)
            wanted = rows.values_list("cancel_requested_at", flat=True).first()
            if wanted is not None and not self._is_deaf:
                self._canceled.set()
            if time.monotonic() - self._extended < EXTEND_EVERY:
                return
            now = clock.now()
            if self.run.deadline is not None and now > self.run.deadline + OVERTIME:
                raise Lost
            if not lease_extend(self.run, now=now):
                raise Lost
            self._extended = time.monotonic()

    def _write(self) -> None:
        """Write the lines that wait, in order; they stay where the database is away."""
        with self._writing:
            while rows := list(islice(self._lines, _LINES_AT_ONCE)):
                events_add(self.run, rows)
                for _row in rows:
                    self._lines.popleft()
