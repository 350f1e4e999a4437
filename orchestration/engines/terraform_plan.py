"""What `show -json` says of a plan, in the words of ours; no secret value gets through.

The format is described at developer.hashicorp.com/terraform/internals/json-format; OpenTofu keeps
the same.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from orchestration.domain.plans import Change, ChangeKind

HIDDEN = "(hidden)"
UNKNOWN = "(known after apply)"
UNSET = "(unset)"
_LONGEST = 120
_MOST_DETAILS = 40
_KINDS = {
    ("create",): ChangeKind.CREATE,
    ("update",): ChangeKind.UPDATE,
    ("delete",): ChangeKind.DELETE,
    ("forget",): ChangeKind.DELETE,
    ("delete", "create"): ChangeKind.REPLACE,
    ("create", "delete"): ChangeKind.REPLACE,
    ("create", "forget"): ChangeKind.REPLACE,
}
_ABSENT = object()


def changes_of(resource: str, plan: Mapping[str, Any]) -> tuple[Change, ...]:
    """Every change that the plan holds; one of the kind "none" where it holds none."""
    found = []
    for one in plan.get("resource_changes", ()):
        kind = _KINDS.get(tuple(one["change"]["actions"]))
        if kind is None:  # it stays, or is only read
            continue
        found.append(
            Change(
                resource,
                kind,
                one["address"],
                _details(one["change"]),
                is_predicted=False,
                is_destructive=kind in (ChangeKind.DELETE, ChangeKind.REPLACE),
            )
        )
    if outputs := _changed_outputs(plan):
        found.append(Change(resource, ChangeKind.UPDATE, "outputs", outputs, is_predicted=False))
    if not found:
        found.append(Change(resource, ChangeKind.NONE, "all as declared", is_predicted=False))
    return tuple(found)


def drift_of(plan: Mapping[str, Any]) -> tuple[str, ...]:
    """What is not as it was left or declared, in words."""
    found = [
        f"{one['address']} was {_DRIFTED.get(tuple(one['change']['actions']), 'changed')} "
        f"from outside{_in_words(_details(one['change']))}."
        for one in plan.get("resource_drift", ())
        if tuple(one["change"]["actions"]) in _KINDS
    ]
    for one in plan.get("resource_changes", ()):
        kind = _KINDS.get(tuple(one["change"]["actions"]))
        if kind is not None:
            words = _in_words(_details(one["change"]))
            found.append(f"{one['address']} is not as declared ({kind.value}){words}.")
    if outputs := _changed_outputs(plan):
        found.append(f"Outputs are not as declared{_in_words(outputs)}.")
    return tuple(found)


def stands(plan: Mapping[str, Any]) -> bool:
    """Whether anything that is managed stood before the plan."""
    values = plan.get("prior_state", {}).get("values", {})
    return any(True for _ in _managed(values.get("root_module", {})))


def sensitive_outputs(plan: Mapping[str, Any]) -> set[str]:
    """The outputs that the configuration calls sensitive."""
    outputs = plan.get("planned_values", {}).get("outputs", {})
    return {name for name, one in outputs.items() if one.get("sensitive")}


_DRIFTED = {("delete",): "taken away", ("update",): "changed"}


def _managed(module: Mapping[str, Any]) -> Iterator[str]:
    for one in module.get("resources", ()):
        if one.get("mode") == "managed":
            yield one["address"]
    for child in module.get("child_modules", ()):
        yield from _managed(child)


def _changed_outputs(plan: Mapping[str, Any]) -> tuple[str, ...]:
    """Outputs that change although no resource does: else they are a consequence."""
    if any(tuple(one["change"]["actions"]) in _KINDS for one in plan.get("resource_changes", ())):
        return ()
    lines = []
    for name, change in sorted(plan.get("output_changes", {}).items()):
        if change["actions"] != ["no-op"]:
            lines += _compared(name, change)
    return tuple(lines)


def _details(change: Mapping[str, Any]) -> tuple[str, ...]:
    if change["actions"] in (["delete"], ["forget"]):
        return ()
    lines = _compared("", change)
    if len(lines) > _MOST_DETAILS:
        more = len(lines) - _MOST_DETAILS
        lines = [*lines[:_MOST_DETAILS], f"and {more} more"]
    return tuple(lines)


def _compared(name: str, change: Mapping[str, Any]) -> list[str]:
    return list(
        _differences(
            name,
            _absent_for_none(change.get("before")),
            _absent_for_none(change.get("after")),
            change.get("after_unknown"),
            (change.get("before_sensitive"), change.get("after_sensitive")),
        )
    )


def _absent_for_none(value: Any) -> Any:
    return _ABSENT if value is None else value


def _differences(
    path: str, before: Any, after: Any, unknown: Any, sensitive: tuple[Any, Any]
) -> Iterator[str]:
    """Lines such as "size: 3 -> 4", one for each value that changes, however deep."""
    if True in sensitive:
        if unknown is True or before != after:
            yield f"{path or 'value'}: {HIDDEN}"
        return
    if unknown is True:
        yield f"{path}: {_change(before, UNKNOWN)}"
        return
    names = _names(before, after, unknown)
    if names is None:
        if before != after:
            yield f"{path}: {_change(_text(before), _text(after) or UNSET)}"
        return
    for name in names:
        yield from _differences(
            f"{path}.{name}" if path else str(name),
            _part(before, name),
            _part(after, name),
            _part(unknown, name),
            (_part(sensitive[0], name), _part(sensitive[1], name)),
        )


def _names(before: Any, after: Any, unknown: Any) -> Sequence[Any] | None:
    """The names or numbers of the parts, where both sides have parts or are not there."""
    sides = [one for one in (before, after) if one is not _ABSENT]
    if sides and all(isinstance(one, dict) for one in sides):
        others = unknown if isinstance(unknown, dict) else {}
        return sorted({name for one in (*sides, others) for name in one})
    if sides and all(isinstance(one, list) for one in sides):
        return range(max(len(one) for one in sides))
    return None


def _part(value: Any, name: Any) -> Any:
    """A part of a value; of a mark that stands for the whole, the mark itself."""
    if isinstance(value, dict):
        return _absent_for_none(value.get(name))
    if isinstance(value, list):
        return _absent_for_none(value[name]) if name < len(value) else _ABSENT
    return True if value is True else _ABSENT


def _change(before: Any, after: str) -> str:
    return after if before in (_ABSENT, "") else f"{_text(before)} -> {after}"


def _text(value: Any) -> str:
    if value is _ABSENT:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = "".join(one if one.isprintable() else " " for one in text)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _in_words(details: Sequence[str]) -> str:
    return f": {'; '.join(details[:5])}" if details else ""
