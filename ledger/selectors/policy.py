"""What an organisation may set about its promises."""

from collections.abc import Mapping

from django.conf import settings

from ledger.domain.promises import DEFAULT_TERM_DAYS
from ledger.domain.terms import Confidence


def term_days() -> Mapping[Confidence, int]:
    """The longest term in days of each class of confidence; LEDGER_TERM_DAYS overrides it."""
    overrides: Mapping[str, int] = getattr(settings, "LEDGER_TERM_DAYS", {})
    return {**DEFAULT_TERM_DAYS, **{Confidence(name): days for name, days in overrides.items()}}
