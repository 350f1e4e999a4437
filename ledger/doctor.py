"""What the doctor asks about the register and its history."""

from collections.abc import Iterator

from common.doctor import Finding, Health, examination
from ledger import selectors


@examination
def history() -> Iterator[Finding]:
    """Whether the database still refuses to change the history, and whether every chain holds."""
    missing = selectors.missing_protections()
    if missing:
        message = f"The database lacks {', '.join(missing)}."
        yield Finding("History", Health.ERROR, message, "Run `python manage.py migrate`.")
    result = selectors.history_verify(most_breaks=1)
    if result.breaks:
        advice = "See `python manage.py verify_history --all`; restore a backup from before."
        yield Finding("History", Health.ERROR, str(result.breaks[0]), advice)
    if not missing and not result.breaks:
        message = f"{result.events:,} events of {result.items:,} debts are intact."
        yield Finding("History", Health.OK, message)
