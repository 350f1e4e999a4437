"""A workflow of GitHub Actions that is dispatched, followed, and read for its answer.

The workflow's run-name holds the order's key, by which its run is found again; what it answers is
`outputs.json` in an artifact of that name, or a signed report. `docs/engines.md` has one to copy.
"""

import io
import json
import re
import zipfile
from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import quote

from common import http
from common.connection_settings import BadSettings, Field
from orchestration.domain.redaction import Redactor
from orchestration.domain.states import EventKind
from orchestration.engines.engine import EngineFailed, EngineUnknown, Job
from orchestration.engines.remote import Dispatching, order_key, until_over, wait_for
from orchestration.engines.reporting import check_secret, reported
from orchestration.engines.target_api import MOST_ANSWER, REQUEST_SECONDS, Api, check_url

_REPOSITORY = re.compile(r"[A-Za-z0-9_.-]{1,100}/[A-Za-z0-9_.-]{1,100}")
_WORKFLOW = re.compile(r"[A-Za-z0-9_.-]{1,100}")
_VERSION = "2022-11-28"
# GitHub lists a run that was dispatched only after a moment (seconds).
_LISTED = 60.0
# GitHub takes so much in all inputs together (characters).
_MOST_INPUTS = 60_000


class GitHubActions(Dispatching):
    name: ClassVar[str] = "github_actions"
    label: ClassVar[str] = "GitHub Actions"
    fields: ClassVar[tuple[Field, ...]] = (
        Field("repository", "Repository", "owner/name of the one that has the workflow.",
              is_address=True),
        Field("token", "Token", "Fine-grained, for this repository: Actions read and write.",
              is_secret=True),
        Field("ref", "Branch or tag", "Whose workflow is run.", default="main"),
        Field("url", "API", default="https://api.github.com", is_address=True),
        Field("secret", "Signing secret", "whsec_…: where the workflow reports by itself, for "
              "secret outputs.", is_secret=True, is_required=False),
    )  # fmt: skip
    steps: ClassVar[tuple[str, ...]] = (
        "Copy the workflow from docs/engines.md into .github/workflows of a repository.",
        "Name it in the blueprint: engine_options: {workflow: displace.yml}.",
        "Make a fine-grained token for that repository alone, with Actions: read and write.",
        (
            "For secret outputs: give the same whsec_ secret to the target and to the "
            "repository's secrets; the workflow signs its report with it."
        ),
    )

    def check(self, settings: Mapping[str, str]) -> None:
        check_url(settings, "url")
        if not _REPOSITORY.fullmatch(settings["repository"]):
            raise BadSettings("Give it as owner/name.", "repository")
        if not re.fullmatch(r"[\w./-]{1,200}", settings["ref"]):
            raise BadSettings("Give a branch or a tag.", "ref")
        check_secret(settings, "secret", is_required=False)

    def reach(self, settings: Mapping[str, str]) -> str:
        found = _api(settings).value(f"/repos/{settings['repository']}/actions/workflows")
        return f"{settings['repository']} answers; it has {found.get('total_count')} workflows."

    def ask(self, job: Job, action: str) -> Mapping[str, Any]:
        order = _Order(job, action, self._answers_by_report(job))
        return order.carry_out()

    def _answers_by_report(self, job: Job) -> bool:
        secret = [name for name, one in job.manifest["outputs"].items() if one.get("secret")]
        has_secret = bool(job.settings.get("secret"))
        if (secret or job.secrets) and not has_secret:
            raise EngineFailed(
                "Everybody who reads the repository can read an artifact; it is no place for "
                f"{', '.join(secret) or 'secrets'}.",
                "Give the target a signing secret, and let the workflow report by itself.",
            )
        if job.hidden:
            raise EngineFailed(
                "Inputs of a workflow can be read by everybody who reads the repository.",
                "Take “secrets”, and parameters that are a secret of another resource, out of the "
                "blueprint; let the workflow make them and report them.",
            )
        return has_secret


class _Order:
    """One order: dispatched once, found, followed to its end."""

    def __init__(self, job: Job, action: str, by_report: bool) -> None:
        self.job, self.action, self.by_report = job, action, by_report
        self.key = order_key(job, action)
        self.api = _api(job.settings)
        self.base = f"/repos/{job.settings['repository']}/actions"
        self.workflow = str(job.manifest.get("engine_options", {}).get("workflow", ""))
        if not _WORKFLOW.fullmatch(self.workflow):
            raise EngineFailed("The blueprint names no workflow.", "Add it to engine_options.")

    def carry_out(self) -> Mapping[str, Any]:
        number = self._found() or self._dispatched()
        self.job.emit(EventKind.STEP, f"{self.job.resource}: workflow run {number}")
        ended = wait_for(
            self.job, lambda: self._ended(number), on_end=lambda: self._stopped(number)
        )
        conclusion = ended.get("conclusion")
        if conclusion != "success":
            raise EngineFailed(
                f"The workflow ended with “{conclusion}”.", f"Look at {ended.get('html_url')}."
            )
        if self.by_report:
            return reported(self.job, self.key)
        return self._artifact(number)

    def _found(self) -> int | None:
        """The run of this order, where it was dispatched before."""
        path = f"{self.base}/workflows/{quote(self.workflow)}/runs"
        found = self.api.value(f"{path}?event=workflow_dispatch&per_page=50")
        for one in found.get("workflow_runs", ()):
            if self.key in str(one.get("display_title", "")).split():
                return int(one["id"])
        return None

    def _dispatched(self) -> int:
        job = self.job
        inputs = {
            "displace_order": self.key,
            "displace_action": self.action,
            "displace_resource": json.dumps(
                {"environment": job.environment, "name": job.resource, "tier": job.tier}
            ),
            "displace_parameters": json.dumps(dict(job.parameters)),
            "displace_facts": json.dumps(dict(job.facts)),
            "displace_report_to": job.callback_url if self.by_report else "",
        }
        if sum(map(len, inputs.values())) > _MOST_INPUTS:
            raise EngineFailed("The parameters are more than a workflow takes.")
        path = f"{self.base}/workflows/{quote(self.workflow)}/dispatches"
        value = {"ref": job.settings["ref"], "inputs": inputs, "return_run_details": True}
        answer = self.api.order("POST", path, value, accepts=(422,))
        if answer.status == 422:
            # GitHub Enterprise Server before 2026 does not know the last one, and does nothing.
            del value["return_run_details"]
            answer = self.api.order("POST", path, value)
        if answer.body:
            number = self.api.ordered_content(answer).get("workflow_run_id")
            if isinstance(number, int):
                return number
        try:
            return wait_for(job, self._found, seconds=_LISTED)
        except EngineFailed as error:
            raise EngineUnknown(
                f"The workflow was dispatched, but its run is not found. {error.message}",
                "Let its run-name hold inputs.displace_order, as docs/engines.md shows.",
            ) from None

    def _ended(self, number: int) -> Mapping[str, Any] | None:
        run: Mapping[str, Any] = self.api.value(f"{self.base}/runs/{number}")
        return run if run.get("status") == "completed" else None

    def _stopped(self, number: int) -> bool:
        self.api.order("POST", f"{self.base}/runs/{number}/cancel", accepts=(409,))
        return until_over(lambda: self._ended(number) is not None)

    def _artifact(self, number: int) -> Mapping[str, Any]:
        """What the run left; nothing where it left nothing."""
        found = self.api.value(f"{self.base}/runs/{number}/artifacts?per_page=100")
        for one in found.get("artifacts", ()):
            if one.get("name") == "displace" and not one.get("expired"):
                return _unpacked(self._downloaded(int(one["id"])))
        return {}

    def _downloaded(self, number: int) -> bytes:
        """GitHub sends on to its storage; our token stays with GitHub."""
        try:
            return self.api.read(f"{self.base}/artifacts/{number}/zip").body
        except EngineFailed as error:
            location = getattr(error.__cause__, "location", "")
            if not location:
                raise
        try:
            answer = http.request("GET", location, limits=http.Limits(REQUEST_SECONDS, MOST_ANSWER))
        except http.HttpError as error:
            raise EngineFailed(f"The artifact cannot be read. {error}") from None
        if not answer.is_success:
            raise EngineFailed(f"The artifact cannot be read ({answer.status}).")
        return answer.body


def _unpacked(packed: bytes) -> Mapping[str, Any]:
    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            about = archive.getinfo("outputs.json")
            if about.file_size > MOST_ANSWER:
                raise EngineFailed("The artifact holds more than is taken.")
            found = json.loads(archive.read(about))
    except (zipfile.BadZipFile, KeyError, ValueError, RuntimeError):
        raise EngineFailed(
            "The artifact “displace” holds no outputs.json that can be read.",
            "Look at the workflow, and at docs/engines.md.",
        ) from None
    if not isinstance(found, dict):
        raise EngineFailed("outputs.json is not an object.", "Look at docs/engines.md.")
    return found


def _api(settings: Mapping[str, str]) -> Api:
    headers = {
        "Accept": "application/vnd.github+json",
        "Authorization": f"Bearer {settings['token']}",
        "X-GitHub-Api-Version": _VERSION,
    }
    return Api(settings["url"], headers, Redactor([settings["token"]]))
