"""A job of Nomad: planned by its scheduler, registered only if nothing changed since, followed.

A blueprint for it has `job.hcl`. Secrets are given to it as Nomad variables, never in its
specification. `docs/engines.md` has an example.
"""

import json
from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import quote, urlencode

from common.connection_settings import Field
from common.http import BadAnswer
from orchestration.domain.plans import Change, ChangeKind
from orchestration.domain.redaction import Redactor
from orchestration.domain.states import EventKind, Fidelity, RunAction
from orchestration.engines.declared import refuse_unknown
from orchestration.engines.engine import (
    Applied,
    Engine,
    EngineFailed,
    EngineUnknown,
    Job,
    Missing,
    Observed,
    Planned,
)
from orchestration.engines.nomad_job import (
    JOB_FILE,
    changes_of,
    job_id,
    outcome_of,
    refuse_unplaced,
    variables_of,
)
from orchestration.engines.remote import outputs_of, wait_for
from orchestration.engines.target_api import Api, Unreached, check_url, redactor

_STALE = "job modify index"


class Nomad(Engine):
    name: ClassVar[str] = "nomad"
    label: ClassVar[str] = "Nomad"
    is_local: ClassVar[bool] = False
    fidelity: ClassVar[Fidelity] = Fidelity.EXACT
    plans_destroy: ClassVar[bool] = True
    fields: ClassVar[tuple[Field, ...]] = (
        Field("url", "Address", "Such as https://nomad.example.org:4646.", is_address=True),
        Field("token", "Token", "Its policy: submit-job, read-job, variables of the namespace.",
              is_secret=True),
        Field("namespace", "Namespace", default="default"),
        Field("trusted", "Authority", "Certificates (PEM) of an authority of your own.",
              is_required=False, is_long=True),
    )  # fmt: skip
    steps: ClassVar[tuple[str, ...]] = (
        "Make a namespace, and a policy for it with write; docs/engines.md has one.",
        "Make a token: nomad acl token create -name=displace -policy=displace.",
    )

    def check(self, settings: Mapping[str, str]) -> None:
        check_url(settings, "url")

    def reach(self, settings: Mapping[str, str]) -> str:
        nomad = _Server(settings, Redactor([settings["token"]]))
        nomad.api.read(nomad.path("/v1/jobs", prefix="dpl-", per_page="1"))
        return "Nomad answers and takes the token."

    def missing(self, manifest: Mapping[str, Any]) -> tuple[Missing, ...]:
        return ()

    def plan(self, job: Job) -> Planned:
        nomad = _server(job)
        if job.action is RunAction.DESTROY:
            return Planned(_destroying(job, nomad), self.fidelity)
        # Secrets are no part of it; they are given when it is applied.
        refuse_unknown(job, job.clear_parameters)
        spec = nomad.parsed(job)
        planned = nomad.planned(job, spec)
        refuse_unplaced(planned.get("FailedTGAllocs"))
        artifact = json.dumps({"index": planned["JobModifyIndex"], "job": spec}).encode()
        return Planned(changes_of(job, planned.get("Diff") or {}), self.fidelity, artifact)

    def apply(self, job: Job) -> Applied:
        if job.artifact is None:
            raise EngineFailed("The plan does not hold the job.", "Plan it again.")
        plan = json.loads(job.artifact)
        nomad = _server(job)
        nomad.keep_secrets(job)
        nomad.register(plan["job"], plan["index"])
        job.emit(EventKind.STEP, f"{job.resource}: job {job_id(job)} is registered")
        why = wait_for(job, lambda: nomad.outcome(job), on_end=lambda: True)
        if why != "well":
            raise EngineFailed(nomad.api.hide(why), f"Look at job {job_id(job)} in Nomad.")
        return Applied(_outputs(job, nomad), {"job": job_id(job)}, None)

    def observe(self, job: Job) -> Observed:
        nomad = _server(job)
        live = nomad.job(job)
        if live is None or live.get("Stop"):
            return Observed(False, ("The job is not there, or stopped.",), job.facts)
        planned = nomad.planned(job, nomad.parsed(job))
        (change,) = changes_of(job, planned.get("Diff") or {})
        found = [] if change.kind is ChangeKind.NONE else ["The job is not as declared."]
        found += change.details
        if live.get("Status") == "dead":
            found.append("Nothing of the job runs.")
        return Observed(True, tuple(nomad.api.hide(one) for one in found), job.facts)

    def destroy(self, job: Job) -> None:
        nomad = _server(job)
        if nomad.job(job) is not None:
            nomad.purge(job)
        wait_for(job, lambda: True if not nomad.standing(job) else None, on_end=lambda: False)
        nomad.forget_secrets(job)

    def remains(self, job: Job) -> tuple[str, ...]:
        return tuple(_server(job).standing(job))


class _Server:
    """A namespace of a Nomad cluster."""

    def __init__(self, settings: Mapping[str, str], hide: Redactor) -> None:
        headers = {"X-Nomad-Token": settings["token"]}
        self.api = Api(settings["url"], headers, hide, settings.get("trusted", ""))
        self.namespace = settings["namespace"]

    def path(self, path: str, **query: str) -> str:
        return f"{path}?{urlencode({'namespace': self.namespace, **query})}"

    def parsed(self, job: Job) -> dict[str, Any]:
        """The job as Nomad reads it, under our name. It changes nothing."""
        if JOB_FILE not in job.files:
            raise EngineFailed(f"The blueprint has no {JOB_FILE}.")
        value = {"JobHCL": job.files[JOB_FILE], "Variables": variables_of(job),
                 "Canonicalize": True}  # fmt: skip
        spec = self._asked("/v1/jobs/parse", value)
        meta = {**(spec.get("Meta") or {}), "displace_environment": job.environment}
        named = {"ID": job_id(job), "Name": job_id(job), "Namespace": self.namespace}
        return {**spec, **named, "Meta": meta}

    def planned(self, job: Job, spec: Mapping[str, Any]) -> Mapping[str, Any]:
        """What the scheduler would do. It changes nothing."""
        found = self._asked(f"/v1/job/{job_id(job)}/plan", {"Job": spec, "Diff": True})
        if not isinstance(found.get("JobModifyIndex"), int):
            raise EngineFailed("Nomad's plan says no index.", "Look at the release of Nomad.")
        return found

    def register(self, spec: Mapping[str, Any], index: int) -> None:
        """Register the job, if it is still as it was planned. Raises EngineFailed."""
        value = {"Job": spec, "EnforceIndex": True, "JobModifyIndex": index}
        answer = self.api.order("POST", self.path("/v1/jobs"), value, accepts=(500, 409))
        if answer.is_success:
            self.api.ordered_content(answer)
            return
        words = answer.body[:500].decode(errors="replace")
        if _STALE in words.lower():
            raise EngineFailed("The plan is stale: the job changed after it was made.",
                               "Plan it again.")  # fmt: skip
        raise EngineUnknown(
            f"Nomad answered {answer.status}: {self.api.hide(words)[:200]}.",
            "Look at the job in Nomad.",
        )

    def job(self, job: Job) -> Mapping[str, Any] | None:
        answer = self.api.read(self.path(f"/v1/job/{job_id(job)}"), accepts=(404,))
        if answer.status == 404:
            return None
        found: Mapping[str, Any] = self.api.content(answer)
        return found

    def outcome(self, job: Job) -> str | None:
        """ "well", why it is not, or None while it is under way."""
        live = self.job(job)
        if live is None:
            return "The job was taken away while it was built."
        deployment = self._listed(f"/v1/job/{job_id(job)}/deployment")
        version = live.get("Version")
        if isinstance(deployment, dict) and deployment.get("JobVersion") != version:
            deployment = None
            if live.get("Type") == "service":
                return None
        allocations = [one for one in self._allocations(job) if one.get("JobVersion") == version]
        found = outcome_of(deployment, allocations)
        return None if found == "running" else found

    def standing(self, job: Job) -> list[str]:
        """What is still there, in words."""
        found = [] if self.job(job) is None else [f"Job {job_id(job)} is still there."]
        running = [one for one in self._allocations(job) if one.get("ClientStatus") == "running"]
        return found + [f"Allocation {str(one.get('ID'))[:8]} still runs." for one in running]

    def services(self, job: Job) -> list[Mapping[str, Any]]:
        found = self._listed(f"/v1/job/{job_id(job)}/services")
        return found if isinstance(found, list) else []

    def purge(self, job: Job) -> None:
        path = self.path(f"/v1/job/{job_id(job)}", purge="true")
        self.api.order("DELETE", path, accepts=(404,))

    def keep_secrets(self, job: Job) -> None:
        if job.hidden:
            path = _variable(job)
            value = {"Namespace": self.namespace, "Path": path, "Items": job.hidden}
            self.api.order("PUT", self.path(f"/v1/var/{quote(path)}"), value)

    def forget_secrets(self, job: Job) -> None:
        if job.hidden or job.secret_parameters:
            self.api.order("DELETE", self.path(f"/v1/var/{quote(_variable(job))}"), accepts=(404,))

    def _allocations(self, job: Job) -> list[Mapping[str, Any]]:
        found = self._listed(f"/v1/job/{job_id(job)}/allocations")
        return found if isinstance(found, list) else []

    def _asked(self, path: str, value: Mapping[str, Any]) -> dict[str, Any]:
        """A POST that only asks: what failed did nothing."""
        answer = self.api.order("POST", self.path(path), value, is_question=True)
        found: dict[str, Any] = self.api.content(answer)
        return found

    def _listed(self, path: str) -> Any:
        answer = self.api.read(self.path(path), accepts=(404,))
        if answer.status == 404:
            return None
        try:
            return answer.json()
        except BadAnswer as error:
            raise Unreached(str(error)) from None


def _server(job: Job) -> _Server:
    return _Server(job.settings, redactor(job, job.settings["token"]))


def _variable(job: Job) -> str:
    """Where a job may read variables without a policy of its own."""
    return f"nomad/jobs/{job_id(job)}"


def _destroying(job: Job, nomad: _Server) -> tuple[Change, ...]:
    kind = ChangeKind.NONE if nomad.job(job) is None else ChangeKind.DELETE
    subject = f"job {job_id(job)}"
    return (
        Change(job.resource, kind, subject, is_predicted=False,
               is_destructive=kind is ChangeKind.DELETE),
    )  # fmt: skip


def _outputs(job: Job, nomad: _Server) -> dict[str, str]:
    """host and port of the service, and values of ours by their names."""
    given: dict[str, Any] = {**job.parameters, **job.secrets}
    services = nomad.services(job)
    wanted = job.manifest.get("engine_options", {}).get("service")
    found = [one for one in services if wanted is None or one.get("ServiceName") == wanted]
    if found:
        given |= {"host": found[0].get("Address"), "port": found[0].get("Port")}
    keys = job.manifest.get("engine_options", {}).get("outputs") or {}
    names = job.manifest.get("outputs", {})
    return outputs_of(job, {one: given.get(str(keys.get(one, one))) for one in names})
