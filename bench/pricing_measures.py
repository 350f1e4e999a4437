"""The measurements of bench.pricing; imported once Django is set up."""

import argparse
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.management import call_command

from accounts import services as accounts_services
from accounts.domain.roles import Role
from analysis import selectors as analysis_selectors
from analysis import services as analysis_services
from common import clock
from ledger import services
from ledger.models import DebtItem, Price


def measure(options: argparse.Namespace) -> None:
    """Print the seconds of the analysis and of each kind of pricing."""
    call_command("migrate", verbosity=0)
    repository = analysis_services.repository_register(location=str(options.repository.resolve()))
    analysed = _seconds(lambda: analysis_services.analyse_now(repository=repository))
    print(f"analysis of {options.repository}: {analysed:.1f} s")
    _record(repository.pk, options.items)
    price = lambda: services.prices_compute(repository_id=repository.pk)  # noqa: E731 - a name for the loop
    first = _seconds(price)
    bases = Counter(Price.objects.filter(is_current=True).values_list("basis", flat=True))
    print(f"first pricing of {options.items} debts: {first:.2f} s; {dict(bases)}")
    again = min(_seconds(price) for _ in range(options.rounds))
    print(f"again, nothing new: {again:.2f} s")
    settings.HOURLY_RATE = (Decimal(50), Decimal(60), Decimal(70))
    anew = _seconds(price)
    print(f"every price written anew: {anew:.2f} s")
    print(f"the first pricing is {100 * first / analysed:.1f} % of the analysis")


def _record(repository_id: int, number: int) -> None:
    """A debt in each of the files that were changed most lately."""
    writer: Any = accounts_services.user_create(username="bench", role=Role.CONTRIBUTOR)
    repository = next(
        one for one in analysis_selectors.repositories_list() if one.pk == repository_id
    )
    snapshot = repository.current_snapshot
    if snapshot is None:
        raise SystemExit("the repository has no snapshot")
    rows = snapshot.file_rows.filter(revisions__gt=0).order_by("-revisions_recent", "path")
    due_on = clock.today() + timedelta(days=60)
    for path in rows.values_list("path", flat=True)[:number]:
        services.debt_record(
            actor=writer, title=f"debt in {path}"[:200], owner="payments", due_on=due_on,
            repository_id=repository_id, path=path,
        )  # fmt: skip
    print(f"{DebtItem.objects.count()} debts recorded")


def _seconds(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started
