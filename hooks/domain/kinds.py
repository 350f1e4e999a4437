"""Who may send an event, and what each of them calls things."""

from enum import StrEnum


class Kind(StrEnum):
    """A Git host, or our own hook script."""

    GITHUB = "github"
    GITLAB = "gitlab"
    GITEA = "gitea"
    FORGEJO = "forgejo"
    BITBUCKET = "bitbucket"
    DISPLACE = "displace"

    @property
    def label(self) -> str:
        """What people call it."""
        return LABELS[self]


LABELS = {
    Kind.GITHUB: "GitHub",
    Kind.GITLAB: "GitLab",
    Kind.GITEA: "Gitea",
    Kind.FORGEJO: "Forgejo",
    Kind.BITBUCKET: "Bitbucket",
    Kind.DISPLACE: "Git server (displace-hook)",
}
