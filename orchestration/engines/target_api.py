"""The HTTP API of a target: asking, ordering, and what a refusal means."""

import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from common import http
from common.connection_settings import BadSettings
from orchestration.domain.redaction import Redactor
from orchestration.engines.engine import EngineFailed, EngineUnknown, Job

REQUEST_SECONDS = 20.0
MOST_ANSWER = 8 * 1024 * 1024
LOOK_AT_TARGET = "Look at the target itself, and at its settings here."
_LONGEST_PAUSE = 60.0
_LONGEST_SAID = 300
_UNKNOWN = " Nobody knows whether it was done."


class Unreached(EngineFailed):
    """The target gave no usable answer just now; asking again may help."""


@dataclass(frozen=True)
class Api:
    """A target's HTTP API. `hide` takes what is secret out of everything that is told."""

    url: str
    headers: Mapping[str, str] = field(repr=False)
    hide: Redactor
    trusted: str = field(default="", repr=False)

    def read(self, path: str, *, accepts: tuple[int, ...] = ()) -> http.Answer:
        """Ask without changing anything. Raises EngineFailed, or Unreached where it may pass."""
        try:
            answer = self._request("GET", path, None, {})
        except http.HttpError as error:
            if error.is_permanent:
                raise EngineFailed(self.hide(str(error)), LOOK_AT_TARGET) from error
            raise Unreached(self.hide(str(error)), "Try again later.") from None
        if answer.is_success or answer.status in accepts:
            return answer
        if answer.status == 429 or answer.status >= 500:
            raise Unreached(self._said(answer), "Try again later.")
        raise self._refused(answer)

    def value(self, path: str) -> Any:
        """What is answered as JSON, an object. Raises EngineFailed or Unreached."""
        return self.content(self.read(path))

    def order(
        self,
        method: str,
        path: str,
        value: object = None,
        *,
        accepts: tuple[int, ...] = (),
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        is_question: bool = False,
    ) -> http.Answer:
        """Change something, once. Raises EngineUnknown where nobody knows whether it did.

        A question, such as a dry run, changes nothing: then that is an EngineFailed.

        Asked to slow down (429), the target has done nothing: then it is asked again.
        """
        try:
            return self._given(method, path, value, accepts, headers or {}, body)
        except EngineUnknown as error:
            if is_question:
                raise EngineFailed(error.message.removesuffix(_UNKNOWN), error.advice) from None
            raise

    def _given(
        self,
        method: str,
        path: str,
        value: object,
        accepts: tuple[int, ...],
        headers: Mapping[str, str],
        body: bytes,
    ) -> http.Answer:
        until = time.monotonic() + _LONGEST_PAUSE
        while True:
            answer = self._ordered(method, path, value, headers, body)
            if answer.status != 429:
                break
            pause = _retry_after(answer)
            if time.monotonic() + pause > until:
                raise EngineFailed(self._said(answer), "It is asked too often; try again later.")
            time.sleep(pause)
        if answer.is_success or answer.status in accepts:
            return answer
        if answer.status >= 500:
            raise EngineUnknown(f"{self._said(answer)}{_UNKNOWN}", LOOK_AT_TARGET)
        raise self._refused(answer)

    def content(self, answer: http.Answer) -> Any:
        """The answer's JSON object. Raises Unreached."""
        try:
            found = answer.json()
        except http.BadAnswer as error:
            raise Unreached(str(error), LOOK_AT_TARGET) from None
        if not isinstance(found, dict):
            raise Unreached("The target's answer is not an object.", LOOK_AT_TARGET)
        return found

    def ordered_content(self, answer: http.Answer) -> Any:
        """The same for what an order was answered with: it may have been done all the same."""
        try:
            return self.content(answer)
        except Unreached as error:
            raise EngineUnknown(error.message, error.advice) from None

    def _ordered(
        self, method: str, path: str, value: object, headers: Mapping[str, str], body: bytes
    ) -> http.Answer:
        try:
            if body:
                return self._sent(method, path, headers, body)
            return self._request(method, path, value, headers)
        except http.HttpError as error:
            text = self.hide(str(error))
            if error.is_outcome_unknown:
                raise EngineUnknown(f"{text}{_UNKNOWN}", LOOK_AT_TARGET) from None
            raise EngineFailed(text, LOOK_AT_TARGET) from None

    def _request(
        self, method: str, path: str, value: object, headers: Mapping[str, str]
    ) -> http.Answer:
        return http.request_json(
            method,
            self.url.rstrip("/") + path,
            headers={**self.headers, **headers},
            value=value,
            limits=http.Limits(REQUEST_SECONDS, MOST_ANSWER),
            trusted=self.trusted,
        )

    def _sent(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> http.Answer:
        return http.request(
            method,
            self.url + path,
            headers={**self.headers, **headers},
            body=body,
            limits=http.Limits(REQUEST_SECONDS, MOST_ANSWER),
            trusted=self.trusted,
        )

    def _refused(self, answer: http.Answer) -> EngineFailed:
        if answer.status in (401, 403):
            return EngineFailed(
                f"The target refuses the credential ({answer.status}).",
                "Give the target a credential that is good, and may do this.",
            )
        if answer.status == 404:
            return EngineFailed(
                "The target does not know what was asked for (404).",
                "Look at the names in the target's settings and in the blueprint.",
            )
        return EngineFailed(self._said(answer), LOOK_AT_TARGET)

    def _said(self, answer: http.Answer) -> str:
        # Hidden before it is cut: half a secret is not found any more.
        words = self.hide(" ".join(_message(answer).split()))[:_LONGEST_SAID]
        return f"The target answered {answer.status}{f': {words}' if words else ''}."


def redactor(job: Job, *others: str) -> Redactor:
    """Hides this job's secrets and the target's credential."""
    return Redactor({*job.hidden.values(), *others} - {""})


def check_url(settings: Mapping[str, str], name: str) -> None:
    """Raises BadSettings for what is no address, and for an authority that is none."""
    try:
        parts = urlsplit(settings[name])
        _ = parts.port  # read for its check of the number
    except ValueError:
        raise BadSettings("That is no address.", name) from None
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise BadSettings("Give an address that begins with https://.", name)
    if parts.username is not None or parts.query or parts.fragment:
        raise BadSettings("Give the address without credentials and without a query.", name)
    if authority := settings.get("trusted"):
        try:
            ssl.create_default_context(cadata=authority)
        except (ssl.SSLError, ValueError):
            raise BadSettings(
                "Give certificates as PEM, from -----BEGIN CERTIFICATE-----.", "trusted"
            ) from None


def _retry_after(answer: http.Answer) -> float:
    try:
        return min(max(float(answer.headers.get("retry-after", "1")), 0.1), _LONGEST_PAUSE)
    except ValueError:
        return 1.0


def _message(answer: http.Answer) -> str:
    """What a refusal says of itself: as JSON's usual members, or as plain text."""
    try:
        found = answer.json()
    except http.BadAnswer:
        text = answer.body[:2000].decode(errors="replace")
        return "" if "<" in text else text
    if isinstance(found, dict):
        for name in ("message", "detail", "error", "error_description"):
            if isinstance(found.get(name), str):
                return str(found[name])
    return ""
