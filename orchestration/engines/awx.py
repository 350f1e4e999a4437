"""A job template of AWX (or Ansible Automation Platform): launched, followed, read.

The template asks for variables on launch; its playbook answers with `set_stats`, which AWX keeps as
the job's artifacts. `docs/engines.md` has one to copy.
"""

import json
from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import quote

from common.connection_settings import Field
from orchestration.domain.redaction import Redactor
from orchestration.domain.states import EventKind
from orchestration.engines.engine import EngineFailed, EngineUnknown, Job
from orchestration.engines.remote import Dispatching, order_key, until_over, wait_for
from orchestration.engines.target_api import Api, check_url, redactor

_OVER = frozenset({"successful", "failed", "error", "canceled"})
_MARKS = ("{{", "{%", "{#")


class Awx(Dispatching):
    name: ClassVar[str] = "awx"
    label: ClassVar[str] = "AWX"
    fields: ClassVar[tuple[Field, ...]] = (
        Field("url", "Address", "Such as https://awx.example.org.", is_address=True),
        Field("token", "Token", "Of a user who may execute the template.", is_secret=True),
        Field("trusted", "Authority", "Certificates (PEM) of an authority of your own.",
              is_required=False, is_long=True),
    )  # fmt: skip
    steps: ClassVar[tuple[str, ...]] = (
        "Make a job template with the playbook of docs/engines.md; let it prompt for variables.",
        "Name it in the blueprint: engine_options: {job_template: Displace}.",
        "Make a user with the role Execute on that template alone, and a token of theirs (Write).",
    )

    def check(self, settings: Mapping[str, str]) -> None:
        check_url(settings, "url")

    def reach(self, settings: Mapping[str, str]) -> str:
        api = _api(settings, Redactor([settings["token"]]))
        found = api.value("/api/v2/ping/")
        # Anybody is told that; who we are, only with a token.
        api.read("/api/v2/me/")
        return f"AWX {found.get('version', '')} answers and takes the token."

    def ask(self, job: Job, action: str) -> Mapping[str, Any]:
        api = _api(job.settings, redactor(job, job.settings["token"]))
        key = order_key(job, action)
        template = _template(job, api)
        number = _found(api, template, key) or _launched(job, api, template, key, action)
        job.emit(EventKind.STEP, f"{job.resource}: AWX job {number}")
        ended = wait_for(
            job,
            lambda: _ended(api, number),
            on_end=lambda: _stopped(api, number),
        )
        if ended["status"] != "successful":
            why = ended.get("job_explanation") or ended.get("result_traceback") or ""
            raise EngineFailed(
                api.hide(f"AWX job {number} ended as “{ended['status']}”. {why}".strip())[:600],
                f"Look at {job.settings['url'].rstrip('/')}/#/jobs/playbook/{number}.",
            )
        artifacts = ended.get("artifacts")
        answer = artifacts.get("displace") if isinstance(artifacts, dict) else None
        return answer if isinstance(answer, dict) else {}


def _template(job: Job, api: Api) -> int:
    """The number of the template that the blueprint names."""
    name = str(job.manifest.get("engine_options", {}).get("job_template", ""))
    if not name:
        raise EngineFailed("The blueprint names no job template.", "Add it to engine_options.")
    found = api.value(f"/api/v2/job_templates/?name={quote(name)}").get("results") or []
    if len(found) != 1:
        raise EngineFailed(f"AWX has {len(found)} job templates “{name}”.", "There must be one.")
    if not found[0].get("ask_variables_on_launch"):
        raise EngineFailed(
            f"The job template “{name}” takes no variables.",
            "Tick “Prompt on launch” at its variables.",
        )
    return int(found[0]["id"])


def _found(api: Api, template: int, key: str) -> int | None:
    """The job of this order, where it was launched before."""
    path = f"/api/v2/job_templates/{template}/jobs/?order_by=-id&page_size=50"
    for one in api.value(path).get("results") or ():
        try:
            given = json.loads(one.get("extra_vars") or "{}")
        except ValueError:  # of somebody else, and not ours
            continue
        if isinstance(given, dict) and given.get("displace_order") == key:
            return int(one["id"])
    return None


def _launched(job: Job, api: Api, template: int, key: str, action: str) -> int:
    given: dict[str, Any] = {
        "displace_order": key,
        "displace_action": action,
        "displace_environment": job.environment,
        "displace_resource": job.resource,
        "displace_tier": job.tier,
        "displace_parameters": dict(job.parameters),
        "displace_facts": dict(job.facts),
    }
    if any(mark in json.dumps(given) for mark in _MARKS):
        raise EngineFailed("A parameter holds what Ansible would take for a template.")
    if job.hidden:
        if not job.manifest["engine_options"].get("sends_secrets"):
            raise EngineFailed(
                "AWX shows the variables of a job to everybody who may see the job.",
                "Let the playbook make its secrets, or say “sends_secrets: true” in "
                "engine_options.",
            )
        given["displace_secrets"] = dict(job.secrets)
    answer = api.order("POST", f"/api/v2/job_templates/{template}/launch/", {"extra_vars": given})
    launched = api.ordered_content(answer)
    number = launched.get("job") or launched.get("id")
    if not isinstance(number, int):
        raise EngineUnknown("AWX did not say which job it launched.", "Look at its jobs.")
    if "extra_vars" in (launched.get("ignored_fields") or {}):
        _stopped(api, number)
        raise EngineFailed("AWX ignored the variables.", "Tick “Prompt on launch” at them.")
    return number


def _ended(api: Api, number: int) -> Mapping[str, Any] | None:
    found: Mapping[str, Any] = api.value(f"/api/v2/jobs/{number}/")
    return found if found.get("status") in _OVER else None


def _stopped(api: Api, number: int) -> bool:
    api.order("POST", f"/api/v2/jobs/{number}/cancel/", accepts=(405,))
    return until_over(lambda: _ended(api, number) is not None)


def _api(settings: Mapping[str, str], hide: Redactor) -> Api:
    headers = {"Authorization": f"Bearer {settings['token']}"}
    return Api(settings["url"], headers, hide, settings.get("trusted", ""))
