"""Roles form one ladder."""

from accounts.domain.roles import Role, allows

LADDER = ["viewer", "contributor", "approver", "operator", "admin"]


def test_the_ladder() -> None:
    assert [role.value for role in Role] == LADDER


def test_a_role_may_do_what_a_lower_one_may() -> None:
    for position, role in enumerate(Role):
        allowed = [needed for needed in Role if allows(role, needed)]
        assert allowed == list(Role)[: position + 1]


def test_every_role_has_a_meaning() -> None:
    assert all(role.meaning and role.label for role in Role)
