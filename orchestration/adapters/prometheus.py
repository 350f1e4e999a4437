"""Asking a Prometheus for the course of a figure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from common import http

_LIMITS = http.Limits(seconds=15.0, body=4 << 20)
# Prometheus gives at most 11,000 points of a series; a day has fewer of these than a screen.
_MOST_STEPS = 1_000
_LEAST_STEP = 15  # seconds


@dataclass(frozen=True, slots=True)
class Point:
    at: datetime
    value: float


class NoAnswer(Exception):
    """Why there is no course of the figure, as a sentence for a page."""


def course(url: str, query: str, *, start: datetime, end: datetime) -> Sequence[Point]:
    """The figure over a time, oldest first; of several series the highest at each moment.

    A gap is a gap: what was not measured is left out. Raises NoAnswer, also where the query is
    sound and finds nothing.
    """
    asked = urlencode({"query": query, **_steps(start, end)})
    try:
        answer = http.request_json(
            "GET", f"{url.rstrip('/')}/api/v1/query_range?{asked}", limits=_LIMITS
        )
        document = answer.json()
    except http.HttpError as error:
        raise NoAnswer(str(error)) from None
    found = _points(_matrix(document, answer.status))
    if not found:
        raise NoAnswer("The query is sound and finds nothing in this time.")
    return found


def _steps(start: datetime, end: datetime) -> dict[str, str | int]:
    """Steps of whole seconds back from the end, which is not rounded beyond the present."""
    last = int(end.timestamp() * 1000)
    seconds = max((end - start) // timedelta(seconds=1), 0)
    step = max(_LEAST_STEP, -(-seconds // _MOST_STEPS))
    first = last - seconds // step * step * 1000
    return {"start": f"{first / 1000:.3f}", "end": f"{last / 1000:.3f}", "step": step}


def _matrix(document: Any, status: int) -> Sequence[Any]:
    """The series of an answer; a stranger's server may say anything."""
    if not isinstance(document, dict):
        raise NoAnswer(f"The server answered with status {status}, and is no Prometheus.")
    if document.get("status") == "error":
        raise NoAnswer(f"Prometheus says: {str(document.get('error', ''))[:300]}")
    data = document.get("data")
    result = data.get("result") if isinstance(data, dict) else None
    if document.get("status") != "success" or not isinstance(result, list):
        raise NoAnswer(f"The server answered with status {status}, and is no Prometheus.")
    return result


def _points(series: Sequence[Any]) -> Sequence[Point]:
    highest: dict[float, float] = {}
    for one in series:
        values = one.get("values") if isinstance(one, dict) else None
        for pair in values if isinstance(values, list) else ():
            at, value = _pair(pair)
            if math.isfinite(value):
                highest[at] = max(value, highest.get(at, value))
    return [Point(datetime.fromtimestamp(at, UTC), highest[at]) for at in sorted(highest)]


def _pair(pair: Any) -> tuple[float, float]:
    try:
        at, value = pair
        moment = float(at)
        datetime.fromtimestamp(moment, UTC)
        return moment, float(value)
    except (TypeError, ValueError, OverflowError, OSError):
        raise NoAnswer("The server's answer is none of Prometheus.") from None
