"""A rule's last 90 days as a page shows them."""

import json
from datetime import timedelta
from typing import Any

from alerts.models import Route
from alerts.selectors.previews import Preview, route_preview
from alerts.services.composing import messages_of

ONE_DAY = timedelta(days=1)


def preview_context(route: Route) -> dict[str, Any]:
    """The preview of a rule, its chart, and its newest message as it would be worded."""
    preview = route_preview(route=route)
    example = messages_of([preview.last])[0] if preview.last is not None else None
    return {
        "preview": preview,
        "length": (preview.until - preview.since).days + 1,
        "silent": preview.working_days - preview.messages,
        "pace": _pace(preview),
        # Read by the chart as text: a fragment may bring no scripts, not even of data.
        "chart": json.dumps(_chart(preview)),
        "example": example,
        "example_day": preview.last.day if preview.last is not None else None,
        "has_summary": any(day.is_summary for day in preview.days),
    }


def _pace(preview: Preview) -> str:
    """How often that is, as a phrase."""
    if not preview.messages or not preview.working_days:
        return ""
    every = preview.working_days / preview.messages
    if every < 1.5:
        return "about one a working day"
    return f"about one in {every:.0f} working days"


def _chart(preview: Preview) -> dict[str, Any]:
    """Debts named by day; days on which nothing is said are empty, so that the pace shows."""
    by_day = {day.day: day for day in preview.days}
    count = (preview.until - preview.since).days + 1
    days = [preview.since + n * ONE_DAY for n in range(count)]
    values = [by_day[day].debts if day in by_day else 0 for day in days]
    called = [by_day[day].mentions if day in by_day else 0 for day in days]
    return {
        "labels": [f"{day.day} {day:%b}" for day in days],
        "series": [
            {"name": "Named", "values": [a - b for a, b in zip(values, called, strict=True)]},
            {"name": "Named, with the owner called", "values": called, "tone": "warn"},
        ],
        "stacked": True,
        "unit": "debts",
    }
