"""A load-test stage: do its users press, and what comes of it?"""

import json
import time
from collections.abc import Mapping
from html import unescape
from typing import Any

from common import http
from common.addresses import Allowance
from orchestration.adapters.probes.outcome import Probed, ProbeFailed, judged

_LOOK_SECONDS = 0.5
_WORKS = ("spawning", "running", "cleanup", "stopping", "stopped")


def probe(
    outputs: Mapping[str, str], expected: Mapping[str, Any], seconds: float, allowance: Allowance
) -> Probed:
    until = time.monotonic() + seconds
    place = f"http://{outputs['host']}:{int(outputs['port'])}"
    try:
        # It needs a moment before the first request is answered.
        while (
            not (seen := _stats(place, until, allowance))["requests"] and time.monotonic() < until
        ):
            time.sleep(_LOOK_SECONDS)
    except http.HttpError as error:
        return judged("", [f"Locust on {place} cannot be used: {error}"])
    except (ValueError, KeyError, TypeError) as error:
        raise ProbeFailed(f"Locust gave an answer that is none: {error}") from error
    loads = {"users": float(seen["users"]), "requests_per_second": float(seen["rate"])}
    good = (
        f"{seen['requests']} requests so far, {seen['rate']:.1f} each second; 95% of them took at "
        f"most {seen['p95']:.0f} ms, {seen['failures']} failed."
    )
    return judged(good, _problems(seen), loads)


def _problems(seen: Mapping[str, Any]) -> list[str]:
    if not seen["requests"]:
        return ["Its users have sent no request."]
    if seen["state"] not in _WORKS:
        return [f"It does nothing: it is {seen['state']}."]
    if seen["failures"] == seen["requests"]:
        return [f"Every one of {seen['requests']} requests failed: {seen['error']}."]
    return []


def _stats(place: str, until: float, allowance: Allowance) -> dict[str, Any]:
    limits = http.Limits(seconds=max(1.0, until - time.monotonic()))
    answer = http.request("GET", f"{place}/stats/requests", limits=limits, allowance=allowance)
    if not answer.is_success:
        raise http.HttpError(f"it answers with status {answer.status}")
    said = json.loads(answer.body)
    stats: list[dict[str, Any]] = said["stats"]
    total = next((one for one in stats if one["name"] == "Aggregated"), {})
    errors = said["errors"]
    return {
        "state": said["state"],
        "users": said["user_count"],
        "requests": total.get("num_requests", 0),
        "failures": total.get("num_failures", 0),
        # While it runs, the last seconds count; afterwards, the whole.
        "rate": said["total_rps"] if said["user_count"] else total.get("total_rps", 0.0),
        "p95": _p95(said, total),
        "error": unescape(str(errors[0]["error"]))[:200] if errors else "",
    }


def _p95(said: Mapping[str, Any], total: Mapping[str, Any]) -> float:
    """Of the whole run; Locust 2.12, which is Debian's, only knows that of the last seconds."""
    whole = total.get("response_time_percentile_0.95")
    return float(whole or said.get("current_response_time_percentile_95") or 0)
