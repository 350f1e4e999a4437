"""Roles and what each may do. A role may do everything that a lower one may."""

from enum import StrEnum


class Role(StrEnum):
    """The roles, lowest first."""

    VIEWER = "viewer"
    CONTRIBUTOR = "contributor"
    APPROVER = "approver"
    OPERATOR = "operator"
    ADMIN = "admin"

    @property
    def rank(self) -> int:
        """0 for the lowest role."""
        return list(Role).index(self)

    @property
    def label(self) -> str:
        return self.value.capitalize()

    @property
    def meaning(self) -> str:
        """What the role adds to the one below it, as a phrase."""
        return MEANINGS[self]


MEANINGS = {
    Role.VIEWER: "read everything",
    Role.CONTRIBUTOR: "record debt, act on it, start analyses, and ask for environments",
    Role.APPROVER: "activate and extend debt, write it off, verify a repayment, and approve what "
    "others want built",
    Role.OPERATOR: "register and remove repositories, set up targets and blueprints",
    Role.ADMIN: "manage people, teams and settings",
}


def allows(role: Role, needed: Role) -> bool:
    """Whether somebody with `role` may do what asks for `needed`."""
    return role.rank >= needed.rank
