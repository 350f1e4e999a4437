"""The words for a plan of OpenTofu or Terraform: every change, and no secret."""

from typing import Any

import pytest

from orchestration.domain.plans import ChangeKind
from orchestration.engines.terraform_plan import (
    HIDDEN,
    changes_of,
    drift_of,
    sensitive_outputs,
    stands,
)


def change(actions: list[str], before: Any = None, after: Any = None, **more: Any) -> dict:
    values = {
        "actions": actions, "before": before, "after": after, "after_unknown": {},
        "before_sensitive": {}, "after_sensitive": {},
    }  # fmt: skip
    return {"address": "cloud_db.main", "mode": "managed", "change": {**values, **more}}


def plan(*changes: dict, **more: Any) -> dict:
    return {"resource_changes": list(changes), **more}


@pytest.mark.parametrize(
    ("actions", "kind", "destroys"),
    [
        (["create"], ChangeKind.CREATE, False),
        (["update"], ChangeKind.UPDATE, False),
        (["delete"], ChangeKind.DELETE, True),
        (["delete", "create"], ChangeKind.REPLACE, True),
        (["create", "delete"], ChangeKind.REPLACE, True),
        (["forget"], ChangeKind.DELETE, True),
    ],
)
def test_each_action_has_its_kind(actions: list[str], kind: ChangeKind, destroys: bool) -> None:
    (found,) = changes_of("db", plan(change(actions, {"a": 1}, {"a": 2})))
    assert found.kind is kind
    assert found.is_destructive is destroys
    assert not found.is_predicted
    assert found.subject == "cloud_db.main"


def test_what_is_only_read_or_stays_is_no_change() -> None:
    (found,) = changes_of("db", plan(change(["no-op"]), change(["read"])))
    assert found.kind is ChangeKind.NONE


def test_a_change_is_told_value_by_value() -> None:
    before = {"size": 3, "tags": ["a", "b"], "gone": "x", "same": 1, "deep": {"one": True}}
    after = {"size": 4, "tags": ["a", "c", "d"], "gone": None, "same": 1, "deep": {"one": False}}
    unknown = {"address": True}
    (found,) = changes_of("db", plan(change(["update"], before, after, after_unknown=unknown)))
    assert found.details == (
        "address: (known after apply)",
        "deep.one: true -> false",
        "gone: x -> (unset)",
        "size: 3 -> 4",
        "tags.1: b -> c",
        "tags.2: d",
    )


def test_sensitive_values_are_hidden_wherever_they_stand() -> None:
    marks = {"password": True, "users": [{}, {"token": True}], "all": True}
    before = {"password": "old-secret", "users": [{"token": "t"}, {"token": "old-secret"}]}
    after = {
        "password": "new-secret", "users": [{"token": "t"}, {"token": "new-secret"}],
        "all": {"key": "new-secret"},
    }  # fmt: skip
    found = changes_of(
        "db", plan(change(["update"], before, after, before_sensitive=marks, after_sensitive=marks))
    )
    text = str(found)
    assert "secret" not in text
    assert found[0].details == (
        f"all: {HIDDEN}", f"password: {HIDDEN}", f"users.1.token: {HIDDEN}",
    )  # fmt: skip


def test_a_value_that_is_sensitive_only_before_is_hidden_too() -> None:
    one = change(["update"], {"p": "old-secret"}, {"p": "x"}, before_sensitive={"p": True})
    assert changes_of("db", plan(one))[0].details == (f"p: {HIDDEN}",)


def test_a_resource_that_is_sensitive_as_a_whole_is_hidden() -> None:
    one = change(["create"], None, {"p": "new-secret"}, after_sensitive=True)
    assert changes_of("db", plan(one))[0].details == (f"value: {HIDDEN}",)


def test_outputs_count_where_nothing_else_changes() -> None:
    outputs = {
        "host": {"actions": ["update"], "before": "a", "after": "b"},
        "key": {
            "actions": ["create"], "before": None, "after": "new-secret", "before_sensitive": True,
            "after_sensitive": True,
        },
        "port": {"actions": ["no-op"], "before": 1, "after": 1},
    }  # fmt: skip
    (found,) = changes_of("db", plan(output_changes=outputs))
    assert (found.kind, found.details) == (
        ChangeKind.UPDATE, ("host: a -> b", f"key: {HIDDEN}")
    )  # fmt: skip
    both = changes_of("db", plan(change(["create"], None, {"a": 1}), output_changes=outputs))
    assert [one.kind for one in both] == [ChangeKind.CREATE]


def test_long_and_odd_values_are_cut() -> None:
    one = change(["create"], None, {"a": "x" * 500, "b": "two\nlines\x1b[0m"})
    first, second = changes_of("db", plan(one))[0].details
    assert len(first) < 200
    assert second == "b: two lines [0m"
    many = change(["create"], None, {f"n{i:03}": i for i in range(99)})
    assert changes_of("db", plan(many))[0].details[-1] == "and 59 more"


def test_drift_names_what_changed_outside_and_what_is_not_as_declared() -> None:
    found = drift_of(
        plan(
            change(["create"], None, {"size": 3}),
            resource_drift=[change(["delete"], {"size": 3}), change(["no-op"])],
        )
    )
    assert found == (
        "cloud_db.main was taken away from outside.",
        "cloud_db.main is not as declared (create): size: 3.",
    )
    assert drift_of(plan(change(["no-op"]))) == ()


def test_only_managed_resources_stand() -> None:
    def state(mode: str) -> dict:
        child = {"resources": [{"mode": mode, "address": "a.b"}]}
        return {"prior_state": {"values": {"root_module": {"child_modules": [child]}}}}

    assert stands(state("managed"))
    assert not stands(state("data"))
    assert not stands({})


def test_outputs_that_are_sensitive_are_known() -> None:
    outputs = {"a": {"sensitive": True}, "b": {"sensitive": False}, "c": {}}
    assert sensitive_outputs({"planned_values": {"outputs": outputs}}) == {"a"}
