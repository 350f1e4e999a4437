"""Events as Git hosts send them, written by hand after each host's documentation.

`pushed(kind, ref)` is the smallest push that has every field which the host promises and which
could matter; `signed(kind, ...)` are the headers that go with a body.

Formats: GitHub "Webhook events and payloads" (push, pull_request, ping); GitLab "Webhook events"
(Push Hook, Tag Push Hook, Merge Request Hook); Gitea and Forgejo "Webhooks"; Bitbucket Cloud "Event
payloads" (repo:push, pullrequest:fulfilled); Bitbucket Data Center "Event payload"
(repo:refs_changed, pr:merged).
"""

import base64
import hashlib
import hmac
import json
import time
import uuid
from typing import Any

from hooks.domain.kinds import Kind

ZEROS = "0" * 40
OLD, NEW = "1" * 40, "2" * 40


def encoded(document: Any) -> bytes:
    """The bytes of a JSON body, as senders write them."""
    return json.dumps(document, separators=(",", ":")).encode()


def signed(
    kind: Kind,
    secret: str,
    body: bytes,
    *,
    event: str = "",
    delivery: str = "",
    at: float | None = None,
    signing_token: bool = False,
) -> dict[str, str]:
    """The headers that the sender puts beside a body."""
    moment = int(time.time() if at is None else at)
    name = delivery or str(uuid.uuid4())
    digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    match kind:
        case Kind.GITHUB:
            return {
                "X-GitHub-Event": event or "push",
                "X-GitHub-Delivery": name,
                "X-GitHub-Hook-ID": "1",
                "X-Hub-Signature": "sha1=" + hmac.new(secret.encode(), body, "sha1").hexdigest(),
                "X-Hub-Signature-256": f"sha256={digest}",
            }
        case Kind.GITLAB if signing_token:
            key = base64.b64decode(secret.removeprefix("whsec_"))
            content = f"{name}.{moment}.".encode() + body
            mac = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
            return {
                "X-Gitlab-Event": event or "Push Hook",
                "webhook-id": name,
                "webhook-timestamp": str(moment),
                "webhook-signature": f"v1,{mac}",
            }
        case Kind.GITLAB:
            return {
                "X-Gitlab-Event": event or "Push Hook",
                "X-Gitlab-Token": secret,
                "Idempotency-Key": name,
            }
        case Kind.GITEA | Kind.FORGEJO:
            brand = kind.label
            return {
                f"X-{brand}-Event": event or "push",
                f"X-{brand}-Delivery": name,
                f"X-{brand}-Signature": digest,
            }
        case Kind.BITBUCKET:
            return {
                "X-Event-Key": event or "repo:push",
                "X-Request-UUID": name,
                "X-Hub-Signature": f"sha256={digest}",
            }
        case Kind.DISPLACE:
            content = f"{moment}.".encode() + body
            mac = hmac.new(secret.encode(), content, hashlib.sha256).hexdigest()
            return {"X-Displace-Signature": f"t={moment},v1={mac}", "X-Displace-Delivery": name}


def pushed(kind: Kind, ref: str, *, old: str = OLD, new: str = NEW, default: str = "main") -> Any:
    """A push of one reference, as the host says it."""
    short = ref.removeprefix("refs/heads/").removeprefix("refs/tags/")
    if kind is Kind.BITBUCKET:
        about = {"type": "tag" if ref.startswith("refs/tags/") else "branch", "name": short}
        change = {
            "new": None if new == ZEROS else {**about, "target": {"hash": new}},
            "old": None if old == ZEROS else {**about, "target": {"hash": old}},
            "closed": new == ZEROS,
            "forced": False,
        }
        return {"push": {"changes": [change]}, "repository": {"full_name": "shop/shop"}}
    if kind is Kind.DISPLACE:
        updates = [{"ref": ref, "old": old, "new": new}]
        return {"schema": 1, "repository": "/srv/git/shop.git", "updates": updates}
    if kind is Kind.GITLAB:
        is_tag = ref.startswith("refs/tags/")
        return {
            "object_kind": "tag_push" if is_tag else "push",
            "ref": ref,
            "before": old,
            "after": new,
            "project": {"id": 15, "default_branch": default, "path_with_namespace": "shop/shop"},
            "commits": [{"id": new, "message": "as the sender says"}],
        }
    return {
        "ref": ref,
        "before": old,
        "after": new,
        "commits": [{"id": new, "message": "as the sender says", "added": ["x.py"]}],
        "repository": {"full_name": "shop/shop", "default_branch": default},
    }


def data_center(ref: str, *, old: str = OLD, new: str = NEW) -> Any:
    """repo:refs_changed of Bitbucket Server and Data Center."""
    is_tag = ref.startswith("refs/tags/")
    short = ref.removeprefix("refs/heads/").removeprefix("refs/tags/")
    change = {
        "ref": {"id": ref, "displayId": short, "type": "TAG" if is_tag else "BRANCH"},
        "refId": ref,
        "fromHash": old,
        "toHash": new,
        "type": "DELETE" if new == ZEROS else "ADD" if old == ZEROS else "UPDATE",
    }
    return {"eventKey": "repo:refs_changed", "repository": {"slug": "shop"}, "changes": [change]}


def merged(kind: Kind, target: str, *, is_merged: bool = True) -> tuple[str, Any]:
    """The event's name and body when a pull request ends, merged or not."""
    match kind:
        case Kind.GITLAB:
            attributes = {
                "iid": 7, "target_branch": target, "source_branch": "topic",
                "action": "merge" if is_merged else "close",
                "state": "merged" if is_merged else "closed",
            }  # fmt: skip
            project = {"id": 15, "default_branch": "main"}
            body = {"object_kind": "merge_request", "object_attributes": attributes}
            return "Merge Request Hook", {**body, "project": project}
        case Kind.BITBUCKET:
            request = {"id": 7, "destination": {"branch": {"name": target}}}
            event = "pullrequest:fulfilled" if is_merged else "pullrequest:rejected"
            return event, {"pullrequest": request, "repository": {"full_name": "shop/shop"}}
        case _:
            request = {"number": 7, "merged": is_merged, "base": {"ref": target}}
            repository = {"full_name": "shop/shop", "default_branch": "main"}
            return "pull_request", {
                "action": "closed", "pull_request": request, "repository": repository,
            }  # fmt: skip
