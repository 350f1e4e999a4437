"""Any system of one's own that takes a signed order and answers it, at once or with a report.

Orders and reports are signed as Standard Webhooks has it; `docs/engines.md` describes both.
"""

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from common import clock
from common.connection_settings import BadSettings, Field
from common.standard_webhooks import signature
from orchestration.domain.redaction import Redactor
from orchestration.domain.states import EventKind
from orchestration.engines.engine import EngineUnknown, Job
from orchestration.engines.remote import Dispatching, order_key, until_over, wait_for
from orchestration.engines.reporting import Progress, answered, check_secret, final_report
from orchestration.engines.target_api import Api, check_url, redactor


class Webhook(Dispatching):
    name: ClassVar[str] = "webhook"
    label: ClassVar[str] = "Signed webhook"
    fields: ClassVar[tuple[Field, ...]] = (
        Field("url", "Address", "Takes a POST with JSON; answers 200 with the answer, or 202 and "
              "reports later.", is_address=True),
        Field("secret", "Signing secret", "whsec_ and 24 to 64 random bytes in base64; it signs "
              "orders and reports.", is_secret=True),
        Field("trusted", "Authority", "Certificates (PEM) of an authority of your own.",
              is_required=False, is_long=True),
    )  # fmt: skip
    steps: ClassVar[tuple[str, ...]] = (
        (
            "Make a secret: python -c \"import base64, os; print('whsec_' + "
            'base64.b64encode(os.urandom(32)).decode())"'
        ),
        "Give the same secret to the receiver; it checks every order, and signs every report.",
        "The receiver carries out each webhook-id once, and answers a repetition as before.",
    )

    def check(self, settings: Mapping[str, str]) -> None:
        check_url(settings, "url")
        if not settings["url"].startswith("https://") and settings.get("trusted"):
            raise BadSettings("An authority is for https:// only.", "trusted")
        check_secret(settings, "secret", is_required=True)

    def reach(self, settings: Mapping[str, str]) -> str:
        answer = _send(settings, Redactor([settings["secret"]]), "ping", "run.ping", {})
        return f"The receiver answered {answer.status}."

    def ask(self, job: Job, action: str) -> Mapping[str, Any]:
        key = order_key(job, action)
        if final_report(job, key) is None:
            hide = redactor(job, job.settings["secret"])
            answer = _send(job.settings, hide, key, "run.ordered", _order(job, key, action))
            if answer.status != 202:
                found = _api(job.settings, hide).ordered_content(answer)
                if "state" not in found:
                    raise EngineUnknown(
                        "The receiver did not say what came of the order.",
                        "Let it answer with a state, as docs/engines.md shows.",
                    )
                return answered(found)
            job.emit(EventKind.STEP, f"{job.resource}: ordered; waiting for the report")
        progress = Progress(job, key)
        return answered(wait_for(job, progress.look, on_end=lambda: _stopped(job, key)))


def _order(job: Job, key: str, action: str) -> Mapping[str, Any]:
    return {
        "order": key,
        "action": action,
        "environment": job.environment,
        "resource": job.resource,
        "capability": job.manifest.get("capability"),
        "tier": job.tier,
        "parameters": dict(job.parameters),
        "secrets": dict(job.secrets),
        "facts": dict(job.facts),
        "report_to": job.callback_url,
    }


def _stopped(job: Job, key: str) -> bool:
    hide = redactor(job, job.settings["secret"])
    _send(job.settings, hide, f"{key}.cancel", "run.canceled", {"order": key})
    return until_over(lambda: final_report(job, key) is not None)


def _send(
    settings: Mapping[str, str], hide: Redactor, message_id: str, kind: str, data: Mapping[str, Any]
) -> Any:
    """Raises EngineFailed, or EngineUnknown where nobody knows whether it arrived."""
    now = clock.now()
    stamp = int(now.timestamp())
    value = {"type": kind, "timestamp": now.isoformat(timespec="seconds"), "data": data}
    body = json.dumps(value, separators=(",", ":")).encode("ascii")
    headers = {
        "Content-Type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(stamp),
        "webhook-signature": signature(settings["secret"], message_id, stamp, body),
    }
    return _api(settings, hide).order("POST", "", headers=headers, body=body)


def _api(settings: Mapping[str, str], hide: Redactor) -> Api:
    return Api(settings["url"], {}, hide, settings.get("trusted", ""))
