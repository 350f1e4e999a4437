"""Speaking to a service over HTTP, and what its answer means: the part that all of them share."""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from alerts.channels.kind import SendError
from common import clock, http

MOST_SAID = 300
LIMITS = http.Limits(seconds=10.0, body=256 * 1024)
# The service says that its side is at fault or busy: the same request may work later.
_PASSING = frozenset({408, 409, 421, 423, 425, 429, 500, 502, 503, 504, 507, 509, 529})
# The address or the credentials are of no use any more.
_CHANNEL_GONE = frozenset({401, 403, 404, 410})


def call(
    method: str,
    url: str,
    *,
    value: object = None,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    secrets: Iterable[str] = (),
    limits: http.Limits = LIMITS,
    refused: Callable[[http.Answer], SendError | None] | None = None,
) -> http.Answer:
    """Send JSON and return the answer of a success. Raises SendError for everything else.

    `body` is sent as it is in the place of a `value`; `headers` say what it is then.
    `secrets` are kept out of the words that are quoted from the answer. `refused` reads an answer
    as this service documents it, and returns None where it says no more than the status does.
    """
    try:
        if body is None:
            answer = http.request_json(method, url, headers=headers, value=value, limits=limits)
        else:
            answer = http.request(method, url, headers=headers, body=body, limits=limits)
    except http.HttpError as error:
        raise SendError(
            str(error),
            is_permanent=error.is_permanent,
            # An address that is forbidden or redirects stays so until somebody corrects it.
            disables_channel=isinstance(error, http.Forbidden | http.Redirected),
            is_outcome_unknown=error.is_outcome_unknown,
        ) from error
    if not answer.is_success:
        raise (refused and refused(answer)) or refusal(answer, secrets=secrets)
    return answer


def refusal(answer: http.Answer, *, secrets: Iterable[str] = ()) -> SendError:
    """What an answer other than a success means where the service documents nothing else."""
    status, said = answer.status, words_of(answer, secrets=secrets)
    is_passing = status in _PASSING or status >= 500
    return SendError(
        f"The service answered {status}." + (f" It says: {said}" if said else ""),
        is_permanent=not is_passing,
        disables_channel=status in _CHANNEL_GONE,
        # A gateway that gave up waiting does not know what became of the request behind it.
        is_outcome_unknown=status in (502, 504),
        retry_after=retry_after(answer),
        status=status,
        said=said,
    )


def retry_after(answer: http.Answer) -> float | None:
    """The seconds of a Retry-After header, in either of its forms (RFC 9110, 10.2.3)."""
    text = answer.headers.get("retry-after", "").strip()
    if not text:
        return None
    try:
        return max(0.0, float(text))
    except ValueError:
        pass
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(0.0, (at - _now()).total_seconds())


def document(answer: http.Answer) -> dict[str, Any]:
    """The JSON object of an answer; an empty one where it holds anything else."""
    try:
        found = answer.json()
    except http.BadAnswer:
        return {}
    return found if isinstance(found, dict) else {}


def words_of(answer: http.Answer, *, secrets: Iterable[str] = ()) -> str:
    """The service's own words, on one line, cut, printable and without secrets."""
    return cleaned(answer.body.decode("utf-8", "replace"), secrets=secrets)


def cleaned(text: str, *, secrets: Iterable[str] = ()) -> str:
    """Text of a stranger, fit for a log."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, "***").replace(json.dumps(secret)[1:-1], "***")
    # Only now: a secret that is cut in two would not be found.
    text = text[: 4 * MOST_SAID]
    line = " ".join("".join(one if one.isprintable() else " " for one in text).split())
    return line if len(line) <= MOST_SAID else line[: MOST_SAID - 1] + "…"


def _now() -> datetime:
    return clock.now()
