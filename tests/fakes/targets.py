"""Systems that engines speak to, on loopback: each keeps state and answers as is documented.

What is asked of them is checked as the real ones check it. `Faulty` makes any of them misbehave.
"""

import base64
import io
import json
import re
import zipfile
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.loopback import Reply, Request

TOKEN = "t0ken-of-the-target"


@dataclass
class Faulty:
    """Answers in front of a system: `faults` is a list of (method, pattern, reply, does it)."""

    answer_well: Callable[[Request], Reply]
    faults: list[tuple[str, str, Reply, bool]] = field(default_factory=list)

    def fail(self, method: str, pattern: str, reply: Reply, *, is_done: bool = False) -> None:
        """Once; with `is_done` the order is carried out all the same."""
        self.faults.append((method, pattern, reply, is_done))

    def answer(self, request: Request) -> Reply:
        for one in self.faults:
            method, pattern, reply, is_done = one
            if request.method == method and re.search(pattern, request.target):
                self.faults.remove(one)
                if is_done:
                    self.answer_well(request)
                return reply
        return self.answer_well(request)


def _bearer(request: Request) -> bool:
    return request.headers.get("authorization") == f"Bearer {TOKEN}"


class GitHub:
    """The parts of GitHub's REST API (2022-11-28) about workflows, runs and artifacts."""

    def __init__(self) -> None:
        self.runs: list[dict[str, Any]] = []
        self.orders: list[dict[str, str]] = []
        self.answers: dict[str, Any] = {"provision": {"outputs": {"host": "h", "port": 1}}}
        self.knows_details = True
        self.conclusion: str | None = "success"
        # Called with the inputs when a run begins: to report by itself.
        self.on_run: Callable[[dict[str, str]], None] = lambda _inputs: None
        self.url = ""

    def answer(self, request: Request) -> Reply:
        if request.path.startswith("/storage/"):
            assert "authorization" not in request.headers, "the token is not for the storage"
            return Reply(data=self._packed(int(request.path.rsplit("/", 1)[1])))
        if not _bearer(request):
            return Reply(401, {"message": "Bad credentials"})
        assert request.headers["x-github-api-version"] == "2022-11-28"
        base = "/repos/acme/infra/actions"
        path = request.path.removeprefix(base)
        if path == request.path:
            return Reply(404, {"message": "Not Found"})
        if path == "/workflows":
            return Reply(200, {"total_count": 1, "workflows": []})
        if path == "/workflows/displace.yml/dispatches":
            return self._dispatch(request.json())
        if path == "/workflows/displace.yml/runs":
            assert request.query["event"] == "workflow_dispatch"
            return Reply(200, {"total_count": len(self.runs), "workflow_runs": self.runs[::-1]})
        if found := re.fullmatch(r"/runs/(\d+)(/cancel|/artifacts)?", path):
            return self._run(request, int(found[1]), found[2])
        if found := re.fullmatch(r"/artifacts/(\d+)/zip", path):
            return Reply(302, headers={"Location": f"{self.url}/storage/{found[1]}"})
        return Reply(404, {"message": "Not Found"})

    def _dispatch(self, value: dict[str, Any]) -> Reply:
        assert set(value) <= {"ref", "inputs", "return_run_details"}
        if "return_run_details" in value and not self.knows_details:
            return Reply(422, {"message": "return_run_details is not a permitted key."})
        inputs = value["inputs"]
        assert value["ref"] == "main"
        assert len(inputs) <= 25
        assert all(isinstance(one, str) for one in inputs.values())
        number = 1000 + len(self.runs)
        self.orders.append(inputs)
        self.runs.append(
            {
                "id": number, "status": "queued", "conclusion": None,
                "display_title": f"Displace {inputs['displace_order']}",
                "html_url": f"https://github.example/acme/infra/actions/runs/{number}",
            }
        )  # fmt: skip
        self.on_run(inputs)
        if "return_run_details" not in value:
            return Reply(204)
        return Reply(200, {"workflow_run_id": number, "run_url": "x", "html_url": "x"})

    def _run(self, request: Request, number: int, what: str | None) -> Reply:
        run = self.runs[number - 1000]
        if what == "/cancel":
            assert request.method == "POST"
            run.update(status="completed", conclusion="cancelled")
            return Reply(202, {})
        if what == "/artifacts":
            return Reply(
                200,
                {
                    "total_count": 1,
                    "artifacts": [{"id": number, "name": "displace", "expired": False}],
                },
            )
        if run["status"] != "completed" and self.conclusion:
            following = {"queued": "in_progress", "in_progress": "completed"}
            run["status"] = following[run["status"]]
            if run["status"] == "completed":
                run["conclusion"] = self.conclusion
        return Reply(200, run)

    def _packed(self, number: int) -> bytes:
        action = self.orders[number - 1000]["displace_action"]
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("outputs.json", json.dumps(self.answers.get(action, {})))
        return file.getvalue()


class Awx:
    """The parts of AWX's API (v2) about job templates and jobs."""

    def __init__(self) -> None:
        self.jobs: list[dict[str, Any]] = []
        self.answers: dict[str, Any] = {"provision": {"outputs": {"host": "h", "port": 1}}}
        self.asks = True
        self.ends: str | None = "successful"

    def answer(self, request: Request) -> Reply:
        path = request.path
        if path == "/api/v2/ping/":
            return Reply(200, {"version": "24.6.1", "ha": False})
        if not _bearer(request):
            return Reply(401, {"detail": "Authentication credentials were not provided."})
        if path == "/api/v2/me/":
            return Reply(200, {"count": 1, "results": [{"username": "displace"}]})
        if path == "/api/v2/job_templates/":
            is_known = request.query.get("name") == "Displace"
            one = {"id": 7, "name": "Displace", "ask_variables_on_launch": self.asks}
            return Reply(200, {"count": int(is_known), "results": [one] if is_known else []})
        if path == "/api/v2/job_templates/7/jobs/":
            return Reply(200, {"count": len(self.jobs), "results": self.jobs[::-1]})
        if path == "/api/v2/job_templates/7/launch/" and request.method == "POST":
            return self._launch(request.json())
        if found := re.fullmatch(r"/api/v2/jobs/(\d+)/(cancel/)?", path):
            return self._job(request, int(found[1]), bool(found[2]))
        return Reply(404, {"detail": "Not found."})

    def _launch(self, value: dict[str, Any]) -> Reply:
        given = value["extra_vars"]
        number = len(self.jobs) + 1
        self.jobs.append(
            {
                "id": number, "status": "pending", "extra_vars": json.dumps(given),
                "artifacts": {}, "job_explanation": "",
            }
        )  # fmt: skip
        return Reply(201, {"job": number, "id": number, "status": "pending", "ignored_fields": {}})

    def _job(self, request: Request, number: int, is_cancel: bool) -> Reply:
        job = self.jobs[number - 1]
        if is_cancel:
            if job["status"] in ("successful", "failed"):
                return Reply(405, {"detail": 'Method "POST" not allowed.'})
            job["status"] = "canceled"
            return Reply(202, {})
        if job["status"] in ("pending", "running") and self.ends:
            job["status"] = "running" if job["status"] == "pending" else self.ends
            if job["status"] == "successful":
                action = json.loads(job["extra_vars"])["displace_action"]
                job["artifacts"] = {"displace": self.answers.get(action, {})}
            elif job["status"] == "failed":
                job["job_explanation"] = "Task failed: no room"
        return Reply(200, job)


class Cluster:
    """An API server of Kubernetes: discovery, server-side apply, deletion with finalizers."""

    KINDS = {
        "/api/v1": [("secrets", "Secret"), ("configmaps", "ConfigMap"), ("pods/log", "Pod")],
        "/apis/apps/v1": [("deployments", "Deployment")],
        "/apis/db.acme.io/v1": [("postgresqlinstances", "PostgreSQLInstance")],
    }

    def __init__(self) -> None:
        self.objects: dict[str, dict[str, Any]] = {}
        self.owned_by_others: set[str] = set()
        self.is_ready = True
        self.looks = 0
        self.dry_runs = 0

    def answer(self, request: Request) -> Reply:
        if request.path == "/version":
            return Reply(200, {"major": "1", "minor": "33", "gitVersion": "v1.33.1"})
        if not _bearer(request):
            return self._status(401, "Unauthorized")
        if request.path in self.KINDS:
            kinds = [
                {"name": name, "kind": kind, "namespaced": True, "verbs": ["get"]}
                for name, kind in self.KINDS[request.path]
            ]
            return Reply(200, {"kind": "APIResourceList", "resources": kinds})
        found = re.fullmatch(r"(/.+)/namespaces/displace/([a-z]+)(?:/([a-z0-9.-]+))?", request.path)
        if not found:
            return self._status(404, "the server could not find the requested resource")
        if found[3] is None:
            return Reply(200, {"kind": "List", "items": []})
        methods = {"GET": self._get, "PATCH": self._patch, "DELETE": self._delete}
        return methods[request.method](request)

    def _get(self, request: Request) -> Reply:
        live = self.objects.get(request.path)
        if live is None:
            return self._status(404, "not found")
        self.looks += 1
        if live["metadata"].get("deletionTimestamp"):
            live["metadata"]["finalizers"].pop()
            if not live["metadata"]["finalizers"]:
                del self.objects[request.path]
        elif self.is_ready and live["kind"] in ("PostgreSQLInstance", "Deployment"):
            self._make_ready(request.path, live)
        return Reply(200, deepcopy(live))

    def _make_ready(self, path: str, live: dict[str, Any]) -> None:
        kind = "Ready" if live["kind"] == "PostgreSQLInstance" else "Available"
        live["status"] = {"conditions": [{"type": kind, "status": "True"}]}
        name = live["spec"].get("writeConnectionSecretToRef", {}).get("name")
        if name:
            data = {"endpoint": "db.svc", "port": "5432", "password": "made-by-crossplane"}
            self.objects[f"/api/v1/namespaces/displace/secrets/{name}"] = {
                "apiVersion": "v1", "kind": "Secret", "metadata": {"name": name},
                "data": {key: base64.b64encode(one.encode()).decode() for key, one in data.items()},
            }  # fmt: skip

    def _patch(self, request: Request) -> Reply:
        assert request.headers["content-type"] == "application/apply-patch+yaml"
        query = request.query
        assert (query["fieldManager"], query["force"]) == ("displace", "false")
        body = request.json()
        assert body["metadata"]["name"] == request.path.rsplit("/", 1)[1]
        assert "managedFields" not in body["metadata"]
        if request.path in self.owned_by_others:
            return self._status(409, "Apply failed with 1 conflict: conflict with “kubectl”")
        live = deepcopy(self.objects.get(request.path))
        made = {
            **(live or {}), **body,
            "metadata": {
                **(live or {}).get("metadata", {}), **body["metadata"],
                "resourceVersion": str(self.looks), "uid": "u",
            },
        }  # fmt: skip
        if query.get("dryRun") == "All":
            self.dry_runs += 1
        else:
            self.objects[request.path] = made
            if live is None and made["kind"] == "PostgreSQLInstance":
                condition = {"type": "Synced", "status": "False", "message": "no room in eu"}
                made["status"] = {"conditions": [condition]}
        return Reply(201 if live is None else 200, made)

    def _delete(self, request: Request) -> Reply:
        assert request.json()["propagationPolicy"] == "Foreground"
        live = self.objects.get(request.path)
        if live is None:
            return self._status(404, "not found")
        live["metadata"].update(deletionTimestamp="now", finalizers=["foregroundDeletion", "x"])
        return Reply(200, live)

    def _status(self, code: int, message: str) -> Reply:
        return Reply(
            code, {"kind": "Status", "status": "Failure", "message": message, "code": code}
        )


class NomadServer:
    """The parts of Nomad's API about jobs, deployments, variables and services."""

    def __init__(self) -> None:
        self.jobs: dict[str, dict[str, Any]] = {}
        self.variables: dict[str, dict[str, str]] = {}
        self.index = 10
        self.deployment = "successful"
        self.unplaced: dict[str, Any] | None = None

    def answer(self, request: Request) -> Reply:
        if request.headers.get("x-nomad-token") != TOKEN:
            return Reply(403, text="Permission denied")
        assert request.query["namespace"] == "default"
        if request.path == "/v1/jobs/parse":
            return self._parse(request.json())
        if request.path == "/v1/jobs":
            return Reply(200, []) if request.method == "GET" else self._register(request.json())
        if request.path.startswith("/v1/var/"):
            return self._variable(request)
        found = re.fullmatch(r"/v1/job/([\w-]+)(?:/(\w+))?", request.path)
        if not found:
            return Reply(404, text="not found")
        if found[2] == "plan":
            return self._plan(found[1], request.json()["Job"])
        job = self.jobs.get(found[1])
        if job is None:
            # A job that was purged has no allocations that run.
            return Reply(200, []) if found[2] == "allocations" else Reply(404, text="job not found")
        if found[2] is None and request.method == "DELETE":
            assert request.query["purge"] == "true"
            del self.jobs[found[1]]
            return Reply(200, {"EvalID": "e"})
        return Reply(200, self._about(job, found[2]))

    def _about(self, job: dict[str, Any], what: str | None) -> Any:
        if what == "deployment":
            status = "running" if job.pop("fresh", False) else self.deployment
            return {"ID": "d", "Status": status, "StatusDescription": "no luck",
                    "JobVersion": job["Version"]}  # fmt: skip
        if what == "allocations":
            return [{"ID": "a1b2c3d4", "ClientStatus": "running", "JobVersion": job["Version"]}]
        if what == "services":
            return [{"ServiceName": "db", "Address": "10.0.0.5", "Port": 24001}]
        return job

    def _parse(self, value: dict[str, Any]) -> Reply:
        assert set(value) == {"JobHCL", "Variables", "Canonicalize"}
        spec = {"ID": "from-the-file", "Type": "service", "Meta": None, "given": value["Variables"]}
        return Reply(200, spec)

    def _plan(self, name: str, job: dict[str, Any]) -> Reply:
        assert job["ID"] == name
        live = self.jobs.get(name)
        diff: dict[str, Any] = {"Type": "Added" if live is None else "None", "Fields": []}
        if live is not None and live["given"] != job["given"]:
            change = {"Type": "Edited", "Name": "Count", "Old": "1", "New": "2"}
            secret = {"Type": "Edited", "Name": "Env[PASSWORD]", "Old": "a", "New": "b"}
            task = {"Type": "Edited", "Name": "db", "Fields": [secret]}
            group = {"Type": "Edited", "Name": "g", "Fields": [change], "Tasks": [task]}
            diff = {"Type": "Edited", "Fields": [], "TaskGroups": [group]}
        index = live["JobModifyIndex"] if live else 0
        return Reply(
            200, {"Diff": diff, "JobModifyIndex": index, "FailedTGAllocs": self.unplaced}
        )  # fmt: skip

    def _register(self, value: dict[str, Any]) -> Reply:
        job = value["Job"]
        live = self.jobs.get(job["ID"])
        index = live["JobModifyIndex"] if live else 0
        assert value["EnforceIndex"] is True
        if value["JobModifyIndex"] != index:
            text = "Enforcing job modify index 0: job exists with conflicting job modify index: 10"
            return Reply(500, text=text)
        self.index += 1
        version = live["Version"] + 1 if live else 0
        self.jobs[job["ID"]] = {
            **job, "JobModifyIndex": self.index, "Version": version, "Status": "running",
            "Stop": False, "fresh": True,
        }  # fmt: skip
        return Reply(200, {"EvalID": "e", "JobModifyIndex": self.index})

    def _variable(self, request: Request) -> Reply:
        path = request.path.removeprefix("/v1/var/")
        if request.method == "DELETE":
            self.variables.pop(path, None)
            return Reply(204)
        value = request.json()
        assert (value["Path"], request.method) == (path, "PUT")
        self.variables[path] = value["Items"]
        return Reply(200, value)
