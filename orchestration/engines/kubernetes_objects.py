"""Objects of Kubernetes: read from a blueprint's files, compared, and judged by their status."""

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from orchestration.engines.engine import EngineFailed, Job

HIDDEN = "(hidden)"
_PLACE = re.compile(r"\$\{([a-z_][a-z0-9_]*)\}")
_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")
_BUILT_IN = re.compile(r"[a-z0-9]+|[a-z0-9.]*\.k8s\.io")
# What the server adds to every object, and what is not ours to compare.
_SERVERS = frozenset(
    {"managedFields", "resourceVersion", "generation", "uid", "creationTimestamp", "selfLink"}
)
MANAGER = "displace"


@dataclass(frozen=True)
class Thing:
    """One object that a blueprint declares."""

    body: Mapping[str, Any]

    @property
    def kind(self) -> str:
        return str(self.body["kind"])

    @property
    def version(self) -> str:
        return str(self.body["apiVersion"])

    @property
    def name(self) -> str:
        return str(self.body["metadata"]["name"])

    @property
    def title(self) -> str:
        return f"{self.kind} {self.name}"

    @property
    def is_built_in(self) -> bool:
        """Of Kubernetes itself, so that its kinds and their ways are known."""
        group, slash, _ = self.version.partition("/")
        return not slash or bool(_BUILT_IN.fullmatch(group))


def declared(job: Job, namespace: str) -> list[Thing]:
    """The objects of the blueprint in the order of its files, values filled in.

    A value stands for `${its_name}`; it is filled in after the files were read, so that no value
    becomes part of their structure. Raises EngineFailed.
    """
    values = {
        **job.parameters,
        **job.secrets,
        "dpl_name": job.resource,
        "dpl_id": f"dpl-{job.environment[:8]}-{job.resource}",
        "dpl_environment": job.environment,
        "dpl_tier": job.tier,
    }
    found = []
    for name in sorted(job.files):
        if not name.endswith((".yaml", ".yml")):
            continue
        try:
            documents = list(yaml.safe_load_all(job.files[name]))
        except yaml.YAMLError:
            raise EngineFailed(f"{name} is no YAML that can be read.") from None
        found += [_thing(name, _filled(one, values), job, namespace) for one in documents if one]
    if not found:
        raise EngineFailed("The blueprint declares no object.", "Add YAML files to it.")
    return found


def _thing(file: str, body: Any, job: Job, namespace: str) -> Thing:
    metadata = body.get("metadata") if isinstance(body, dict) else None
    if not isinstance(metadata, dict) or not all(
        isinstance(body.get(one), str) for one in ("apiVersion", "kind")
    ):
        raise EngineFailed(f"{file} holds something that is no object of Kubernetes.")
    if not _NAME.fullmatch(str(metadata.get("name", ""))):
        raise EngineFailed(f"{file}: {metadata.get('name')!r} is no name.")
    if metadata.get("namespace", namespace) != namespace:
        raise EngineFailed(f"{file} goes into another namespace than the target's.")
    labels = {
        **(metadata.get("labels") or {}),
        "app.kubernetes.io/managed-by": MANAGER,
        "displace/environment": job.environment,
        "displace/resource": job.resource,
    }
    return Thing({**body, "metadata": {**metadata, "namespace": namespace, "labels": labels}})


def _filled(value: Any, values: Mapping[str, Any]) -> Any:
    if isinstance(value, dict):
        return {key: _filled(one, values) for key, one in value.items()}
    if isinstance(value, list):
        return [_filled(one, values) for one in value]
    if not isinstance(value, str):
        return value
    whole = _PLACE.fullmatch(value)
    if whole:
        return _value(whole[1], values)
    return _PLACE.sub(lambda match: str(_value(match[1], values)), value)


def _value(name: str, values: Mapping[str, Any]) -> Any:
    if name not in values:
        raise EngineFailed(f"The blueprint uses {name!r}, which is no parameter of it.")
    return values[name]


def differences(before: Any, after: Any, path: str = "") -> Iterator[str]:
    """Lines such as "spec.size: 1 -> 2". What the server itself adds does not count."""
    if isinstance(before, dict) and isinstance(after, dict):
        for name in sorted({*before, *after}):
            if (path == "metadata" and name in _SERVERS) or (not path and name == "status"):
                continue
            yield from differences(
                before.get(name), after.get(name), f"{path}.{name}" if path else name
            )
    elif before != after:
        yield f"{path}: {_short(before)} -> {_short(after)}"


def shown_differences(thing: Thing, before: Any, after: Any) -> tuple[str, ...]:
    """The same, fit to be shown: what a Secret holds is not."""
    lines = list(differences(before, after))
    if thing.kind == "Secret":
        lines = [f"{line.split(':', 1)[0]}: {HIDDEN}" for line in lines]
    return tuple(lines[:40])


def _short(value: Any) -> str:
    if value is None:
        return "(unset)"
    text = str(value)
    return text if len(text) <= 120 else f"{text[:120]}…"


def unready(thing: Thing, live: Mapping[str, Any]) -> str:
    """Why an object is not ready yet; empty when it is."""
    status = live.get("status") or {}
    seen, made = status.get("observedGeneration"), live.get("metadata", {}).get("generation")
    if isinstance(seen, int) and isinstance(made, int) and seen < made:
        return f"{thing.title} was not looked at yet."
    conditions = {
        str(one.get("type")): one for one in status.get("conditions") or () if isinstance(one, dict)
    }
    if thing.kind == "StatefulSet" and thing.is_built_in:
        return _replicas(thing, live)
    for name in ("Ready", "Available", "Complete"):
        if name in conditions:
            return "" if conditions[name].get("status") == "True" else _why(thing, conditions)
    # A kind that is not Kubernetes' own, such as a claim of Crossplane, says when it is ready.
    is_silent = thing.is_built_in and thing.kind not in ("Deployment", "Job")
    return "" if is_silent else _why(thing, conditions)


def _replicas(thing: Thing, live: Mapping[str, Any]) -> str:
    wanted = live.get("spec", {}).get("replicas", 1)
    ready = (live.get("status") or {}).get("readyReplicas", 0)
    return "" if ready >= wanted else f"{thing.title}: {ready} of {wanted} are ready."


def _why(thing: Thing, conditions: Mapping[str, Mapping[str, Any]]) -> str:
    """What the conditions that are not true say, the one about reconciling first."""
    for name in ("Synced", "Failed", "Progressing", "Ready", "Available"):
        one = conditions.get(name, {})
        is_wrong = one.get("status") == ("True" if name == "Failed" else "False")
        if is_wrong and (one.get("message") or one.get("reason")):
            return f"{thing.title}: {one.get('message') or one.get('reason')}"[:400]
    return f"{thing.title} is not ready."


def opened(secret: Mapping[str, Any]) -> dict[str, str]:
    """What a Secret holds, as text. Raises EngineFailed."""
    try:
        return {
            str(name): base64.b64decode(text, validate=True).decode()
            for name, text in (secret.get("data") or {}).items()
        }
    except (binascii.Error, UnicodeDecodeError, TypeError):
        raise EngineFailed("The connection secret holds what is no text.") from None
