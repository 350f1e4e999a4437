"""What each sender's events look like, after its documentation.

GitHub "Webhook events and payloads"; GitLab "Webhook events"; Gitea and Forgejo "Webhooks";
Bitbucket Cloud "Event payloads"; Bitbucket Data Center "Event payload".
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from hooks.domain.events.bodies import objects_at, text_at, value_at
from hooks.domain.kinds import Kind

_HEADS, _TAGS = "refs/heads/", "refs/tags/"
# More is not looked through: the events' senders stop long before.
_MOST_CHANGES = 1000


@dataclass(frozen=True, slots=True)
class Change:
    """A reference that the event says has moved; `branch` is empty for anything but a branch."""

    branch: str
    is_tag: bool = False
    is_deletion: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """An event as its sender means it."""

    changes: tuple[Change, ...] = ()
    # The default branch by the sender's word: one more name that is worth a look.
    default_branch: str = ""
    subject: str = ""
    reason: str = ""
    event: str = ""
    is_ping: bool = False
    settings_changed: bool = False


Reader = Callable[[str, Mapping[str, Any]], Said]
Document = Mapping[str, Any]


def _change(ref: str, new: str) -> Change:
    is_deletion = bool(new) and not new.strip("0")
    if ref.startswith(_TAGS):
        return Change("", is_tag=True, is_deletion=is_deletion)
    return Change(ref.removeprefix(_HEADS), is_deletion=is_deletion)


def _push(document: Document, default_branch: str) -> Said:
    """A push of one reference: GitHub, GitLab, Gitea and Forgejo write it alike."""
    ref = text_at(document, "ref")
    if not ref:
        return Said(reason="The push names no reference.", default_branch=default_branch)
    change = _change(ref, text_at(document, "after"))
    return Said((change,), default_branch, subject=ref)


def _merge(*, is_merged: bool, target: str, default_branch: str, subject: str) -> Said:
    if not is_merged:
        reason = "A pull request moves no branch until it is merged."
        return Said((), default_branch, subject, reason)
    return Said((Change(target),), default_branch, subject)


def _github(event: str, document: Document) -> Said:
    default_branch = text_at(document, "repository", "default_branch")
    match event:
        case "ping":
            return Said(is_ping=True)
        case "push":
            return _push(document, default_branch)
        case "pull_request":
            return _github_pull_request(document, default_branch)
        case "repository" if value_at(document, "changes", "default_branch"):
            return Said(settings_changed=True)
        case "create" | "delete":
            return _github_reference(event, document, default_branch)
        case _:
            return Said()


def _github_pull_request(document: Document, default_branch: str) -> Said:
    return _merge(
        is_merged=text_at(document, "action") == "closed"
        and value_at(document, "pull_request", "merged") is True,
        target=text_at(document, "pull_request", "base", "ref"),
        default_branch=default_branch,
        subject=_numbered("#", value_at(document, "pull_request", "number")),
    )


def _github_reference(event: str, document: Document, default_branch: str) -> Said:
    ref, kind = text_at(document, "ref"), text_at(document, "ref_type")
    if not ref:
        return Said()
    is_tag = kind == "tag"
    branch = "" if is_tag else ref.removeprefix(_HEADS)
    change = Change(branch, is_tag=is_tag, is_deletion=event == "delete")
    return Said((change,), default_branch, subject=ref)


def _gitea(event: str, document: Document) -> Said:
    """Gitea and Forgejo follow GitHub; theirs has no ping, its test is a push."""
    if event.startswith("pull_request"):
        event = "pull_request"
    return _github(event, document)


def _gitlab(event: str, document: Document) -> Said:
    default_branch = text_at(document, "project", "default_branch")
    kind = text_at(document, "object_kind") or text_at(document, "event_name")
    match kind:
        case "push" | "tag_push":
            return _push(document, default_branch)
        case "merge_request":
            return _gitlab_merge_request(document, default_branch)
        case "repository_update":  # a system hook: several references at once
            refs = value_at(document, "refs")
            names = [one for one in refs if isinstance(one, str)] if isinstance(refs, list) else []
            changes = tuple(_change(name, "") for name in names[:_MOST_CHANGES])
            return Said(changes, default_branch, subject=_several(names))
        case _:
            return Said()


def _gitlab_merge_request(document: Document, default_branch: str) -> Said:
    about = value_at(document, "object_attributes")
    return _merge(
        is_merged=text_at(about, "action") == "merge",
        target=text_at(about, "target_branch"),
        default_branch=default_branch,
        subject=_numbered("!", value_at(about, "iid")),
    )


def _bitbucket(event: str, document: Document) -> Said:
    match event:
        case "diagnostics:ping":
            return Said(is_ping=True)
        case "repo:push":
            changes = objects_at(document, "push", "changes")[:_MOST_CHANGES]
            return _bitbucket_said([_cloud_change(one) for one in changes])
        case "repo:refs_changed":
            changes = objects_at(document, "changes")[:_MOST_CHANGES]
            return _bitbucket_said([_server_change(one) for one in changes])
        case "pullrequest:fulfilled":
            target = text_at(document, "pullrequest", "destination", "branch", "name")
            subject = _numbered("#", value_at(document, "pullrequest", "id"))
            return Said((Change(target),), subject=subject)
        case "pr:merged":
            target = text_at(document, "pullRequest", "toRef", "displayId")
            subject = _numbered("#", value_at(document, "pullRequest", "id"))
            return Said((Change(target),), subject=subject)
        case _ if event.startswith(("pullrequest:", "pr:")):
            return Said(reason="A pull request moves no branch until it is merged.")
        case _:
            return Said()


def _bitbucket_said(found: list[tuple[str, Change]]) -> Said:
    return Said(
        tuple(change for _, change in found),
        subject=_several([name for name, _ in found]),
        reason="The push names no reference.",
    )


def _cloud_change(one: Document) -> tuple[str, Change]:
    """Bitbucket Cloud: `new` is null for a deletion; branches are named without refs/heads/."""
    is_deletion = not isinstance(value_at(one, "new"), dict)
    about = value_at(one, "old") if is_deletion else value_at(one, "new")
    name, is_tag = text_at(about, "name"), text_at(about, "type") in {"tag", "annotated_tag"}
    return name, Change("" if is_tag else name, is_tag=is_tag, is_deletion=is_deletion)


def _server_change(one: Document) -> tuple[str, Change]:
    """Bitbucket Server and Data Center."""
    name = text_at(one, "ref", "displayId")
    is_tag = text_at(one, "ref", "type").upper() == "TAG"
    is_deletion = text_at(one, "type").upper() == "DELETE"
    return name, Change("" if is_tag else name, is_tag=is_tag, is_deletion=is_deletion)


def _displace(event: str, document: Document) -> Said:
    """Our hook script: {"schema": 1, "repository": ..., "updates": [{"ref", "old", "new"}]}."""
    updates = objects_at(document, "updates")[:_MOST_CHANGES]
    if not updates:
        return Said(is_ping=value_at(document, "updates") == [], event="push")
    refs = [text_at(one, "ref") for one in updates]
    changes = tuple(
        _change(ref, text_at(one, "new")) for ref, one in zip(refs, updates, strict=True) if ref
    )
    return Said(changes, subject=_several(refs), event="push")


def _several(names: list[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _numbered(mark: str, number: Any) -> str:
    is_number = isinstance(number, int) and not isinstance(number, bool)
    return f"{mark}{number}" if is_number and abs(number) < 10**12 else ""


READERS: Mapping[Kind, Reader] = {
    Kind.GITHUB: _github,
    Kind.GITLAB: _gitlab,
    Kind.GITEA: _gitea,
    Kind.FORGEJO: _gitea,
    Kind.BITBUCKET: _bitbucket,
    Kind.DISPLACE: _displace,
}
