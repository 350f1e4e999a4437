"""A namespace of Kubernetes: server-side apply of the blueprint's objects, Crossplane's included.

The plan is the server's own dry run, compared with what stands. An object is ready when its status
says so; outputs come from a connection secret. Only fields that are ours are ever changed.
"""

import re
from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import quote

from common.connection_settings import BadSettings, Field
from orchestration.domain.plans import Change, ChangeKind
from orchestration.domain.redaction import Redactor
from orchestration.domain.states import EventKind, Fidelity, RunAction
from orchestration.engines.engine import (
    Applied,
    Engine,
    EngineFailed,
    Job,
    Missing,
    Observed,
    Planned,
)
from orchestration.engines.kubernetes_objects import (
    MANAGER,
    Thing,
    declared,
    opened,
    shown_differences,
    unready,
)
from orchestration.engines.remote import outputs_of, wait_for
from orchestration.engines.target_api import Api, check_url, redactor

_NAMESPACE = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_APPLY = {"Content-Type": "application/apply-patch+yaml"}


class Kubernetes(Engine):
    name: ClassVar[str] = "kubernetes"
    label: ClassVar[str] = "Kubernetes"
    is_local: ClassVar[bool] = False
    fidelity: ClassVar[Fidelity] = Fidelity.ADVISORY
    fields: ClassVar[tuple[Field, ...]] = (
        Field("url", "API server", "Such as https://cluster.example.org:6443.", is_address=True),
        Field("token", "Token", "Of a service account that may work in the namespace.",
              is_secret=True),
        Field("namespace", "Namespace", "Everything is built in this one.", default="displace"),
        Field("trusted", "Authority", "The cluster's certificates (PEM), as in its kubeconfig.",
              is_required=False, is_long=True),
    )  # fmt: skip
    steps: ClassVar[tuple[str, ...]] = (
        "Make a namespace and a service account; docs/engines.md has a role that is enough.",
        "Make a token of it: kubectl create token displace --duration=8760h.",
        "Copy server and certificate-authority-data (decoded) from the kubeconfig.",
    )

    def check(self, settings: Mapping[str, str]) -> None:
        check_url(settings, "url")
        if not _NAMESPACE.fullmatch(settings["namespace"]):
            raise BadSettings("That is no name of a namespace.", "namespace")

    def reach(self, settings: Mapping[str, str]) -> str:
        cluster = _Cluster(settings, Redactor([settings["token"]]))
        found = cluster.api.value("/version")
        cluster.api.read(f"/api/v1/namespaces/{cluster.namespace}/secrets?limit=1")
        return f"Kubernetes {found.get('gitVersion', '')} answers and takes the token."

    def missing(self, manifest: Mapping[str, Any]) -> tuple[Missing, ...]:
        return ()

    def plan(self, job: Job) -> Planned:
        cluster = _cluster(job)
        changes = [_planned(job, cluster, one) for one in declared(job, cluster.namespace)]
        return Planned(tuple(changes), self.fidelity)

    def apply(self, job: Job) -> Applied:
        cluster = _cluster(job)
        things = declared(job, cluster.namespace)
        for one in things:
            job.emit(EventKind.STEP, f"{job.resource}: {one.title}")
            cluster.put(one)
        lives = wait_for(job, _Readiness(job, cluster, things).look, on_end=lambda: True)
        outputs = _outputs(job, cluster, lives)
        return Applied(outputs, {"objects": [one.title for one in things]}, None)

    def observe(self, job: Job) -> Observed:
        cluster = _cluster(job)
        found: list[str] = []
        standing = 0
        for one in declared(job, cluster.namespace):
            live = cluster.get(one)
            if live is None:
                found.append(f"{one.title} is not there.")
                continue
            standing += 1
            lines = shown_differences(one, live, cluster.put(one, dry=True))
            found += [f"{one.title}: {cluster.api.hide(line)}" for line in lines]
            if why := unready(one, live):
                found.append(cluster.api.hide(why))
        return Observed(standing > 0, tuple(found), job.facts)

    def destroy(self, job: Job) -> None:
        cluster = _cluster(job)
        things = declared(job, cluster.namespace)[::-1]
        for one in things:
            cluster.delete(one)
        wait_for(job, lambda: _gone(cluster, things), on_end=lambda: False)

    def remains(self, job: Job) -> tuple[str, ...]:
        cluster = _cluster(job)
        return tuple(_standing(cluster, declared(job, cluster.namespace)))


class _Cluster:
    """A namespace of a cluster; the addresses of kinds are asked for once."""

    def __init__(self, settings: Mapping[str, str], hide: Redactor) -> None:
        headers = {"Authorization": f"Bearer {settings['token']}"}
        self.api = Api(settings["url"], headers, hide, settings.get("trusted", ""))
        self.namespace = settings["namespace"]
        self._kinds: dict[str, dict[str, str]] = {}

    def get(self, thing: Thing) -> Mapping[str, Any] | None:
        answer = self.api.read(self._path(thing), accepts=(404,))
        if answer.status == 404:
            return None
        live: Mapping[str, Any] = self.api.content(answer)
        return live

    def put(self, thing: Thing, *, dry: bool = False) -> Mapping[str, Any]:
        """Server-side apply; a field that somebody else manages is refused, not taken."""
        query = f"?fieldManager={MANAGER}&force=false" + ("&dryRun=All" if dry else "")
        path = self._path(thing) + query
        answer = self.api.order(
            "PATCH", path, dict(thing.body), accepts=(409,), headers=_APPLY, is_question=dry
        )
        if answer.status == 409:
            text = self.api.hide(str(self.api.content(answer).get("message", "")))[:400]
            raise EngineFailed(
                f"{thing.title}: somebody else manages a field of it. {text}",
                "Take the field out of the blueprint, or let the other one give it up.",
            )
        read = self.api.content if dry else self.api.ordered_content
        live: Mapping[str, Any] = read(answer)
        return live

    def delete(self, thing: Thing) -> None:
        value = {"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": "Foreground"}
        self.api.order("DELETE", self._path(thing), value, accepts=(404, 409))

    def secret(self, name: str) -> Mapping[str, Any] | None:
        path = f"/api/v1/namespaces/{self.namespace}/secrets/{quote(name, safe='')}"
        answer = self.api.read(path, accepts=(404,))
        if answer.status == 404:
            return None
        found: Mapping[str, Any] = self.api.content(answer)
        return found

    def _path(self, thing: Thing) -> str:
        base = f"/apis/{thing.version}" if "/" in thing.version else f"/api/{thing.version}"
        plural = self._plural(thing, base)
        return f"{base}/namespaces/{self.namespace}/{plural}/{quote(thing.name, safe='')}"

    def _plural(self, thing: Thing, base: str) -> str:
        if base not in self._kinds:
            answer = self.api.read(base, accepts=(404,))
            listed = [] if answer.status == 404 else self.api.content(answer).get("resources", [])
            self._kinds[base] = {
                one["kind"]: one["name"]
                for one in listed
                if one.get("namespaced") and "/" not in one["name"]
            }
        if thing.kind not in self._kinds[base]:
            raise EngineFailed(
                f"The cluster has no {thing.kind} of {thing.version} in namespaces.",
                "Install what brings it, such as the package of Crossplane.",
            )
        return self._kinds[base][thing.kind]


class _Readiness:
    """Looks until everything is ready, and tells each new reason why it is not."""

    def __init__(self, job: Job, cluster: _Cluster, things: list[Thing]) -> None:
        self._job, self._cluster, self._things = job, cluster, things
        self._told: set[str] = set()

    def look(self) -> list[Mapping[str, Any]] | None:
        lives = []
        for one in self._things:
            live = self._cluster.get(one)
            if live is None:
                raise EngineFailed(f"{one.title} was taken away while it was built.")
            if why := unready(one, live):
                self._tell(why)
                return None
            lives.append(live)
        return lives

    def _tell(self, why: str) -> None:
        if why not in self._told:
            self._told.add(why)
            text = f"{self._job.resource}: {self._cluster.api.hide(why)}"
            self._job.emit(EventKind.OUTPUT, text)


def _cluster(job: Job) -> _Cluster:
    return _Cluster(job.settings, redactor(job, job.settings["token"]))


def _planned(job: Job, cluster: _Cluster, thing: Thing) -> Change:
    live = cluster.get(thing)
    if job.action is RunAction.DESTROY:
        kind = ChangeKind.NONE if live is None else ChangeKind.DELETE
        return Change(job.resource, kind, thing.title, is_destructive=live is not None)
    # Also for what is not there yet: the server says now whether it would take it.
    after = cluster.put(thing, dry=True)
    if live is None:
        return Change(job.resource, ChangeKind.CREATE, thing.title)
    lines = tuple(cluster.api.hide(line) for line in shown_differences(thing, live, after))
    kind = ChangeKind.UPDATE if lines else ChangeKind.NONE
    return Change(job.resource, kind, thing.title, lines)


def _outputs(job: Job, cluster: _Cluster, lives: list[Mapping[str, Any]]) -> dict[str, str]:
    """From the connection secret, and from values that the blueprint names."""
    options = job.manifest.get("engine_options", {})
    names = [
        live.get("spec", {}).get("writeConnectionSecretToRef", {}).get("name") for live in lives
    ]
    name = options.get("secret") or next((one for one in names if one), None)
    held: dict[str, str] = {}
    if name:
        filled = str(name).replace("${dpl_id}", f"dpl-{job.environment[:8]}-{job.resource}")
        secret = cluster.secret(filled)
        if secret is None:
            raise EngineFailed(f"There is no connection secret {filled}.")
        held = opened(secret)
    given = {**{key: str(value) for key, value in job.parameters.items()}, **job.secrets, **held}
    keys = options.get("outputs") or {}
    return outputs_of(
        job, {one: given.get(str(keys.get(one, one))) for one in job.manifest.get("outputs", {})}
    )


def _standing(cluster: _Cluster, things: list[Thing]) -> list[str]:
    found = []
    for one in things:
        live = cluster.get(one)
        if live is None:
            continue
        holders = ", ".join(live.get("metadata", {}).get("finalizers") or ())
        found.append(f"{one.title} is still there{f', held by {holders}' if holders else ''}.")
    return found


def _gone(cluster: _Cluster, things: list[Thing]) -> bool | None:
    return None if _standing(cluster, things) else True
