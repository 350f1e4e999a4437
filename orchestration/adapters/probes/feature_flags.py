"""Unleash: is it well, does it take our token and no other, and does it give the flags out?"""

import json
from collections.abc import Mapping
from typing import Any

from common import http
from common.addresses import Allowance
from orchestration.adapters.probes.outcome import Probed, ProbeFailed, judged

_FLAGS = "/api/client/features"
_UNAUTHORIZED = 401


def probe(
    outputs: Mapping[str, str], expected: Mapping[str, Any], seconds: float, allowance: Allowance
) -> Probed:
    place = f"http://{outputs['host']}:{int(outputs['port'])}"
    try:
        health = _get(f"{place}/health", "", seconds, allowance)
        flags = _get(f"{place}{_FLAGS}", outputs["token"], seconds, allowance)
        stranger = _get(f"{place}{_FLAGS}", "default:development.nobody", seconds, allowance)
    except http.HttpError as error:
        return judged("", [f"Unleash on {place} cannot be used: {error}"])
    problems = [] if health.is_success else ["It says of itself that it is not well."]
    if stranger.status != _UNAUTHORIZED:
        problems.append("It gives flags to whoever has no token.")
    if not flags.is_success:
        problems.append(f"It does not take the token: it answers with status {flags.status}.")
        return judged("", problems)
    try:
        count = len(json.loads(flags.body)["features"])
    except (ValueError, KeyError, TypeError) as error:
        raise ProbeFailed(f"Unleash gave an answer that is none: {error}") from error
    return judged(f"It gives out {count} flags to whoever has the token.", problems)


def _get(url: str, token: str, seconds: float, allowance: Allowance) -> http.Answer:
    headers = {"Authorization": token} if token else {}
    limits = http.Limits(seconds=seconds, body=16 << 20)
    return http.request("GET", url, headers=headers, limits=limits, allowance=allowance)
