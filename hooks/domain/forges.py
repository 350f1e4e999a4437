"""Where a pull request's comments are, on each kind of code host."""

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit

from common.errors import Refused

FORGES = ("github", "gitlab", "gitea", "forgejo", "bitbucket")

# How each host writes the address of a pull request, after its own name.
_SHAPES = {
    "github": re.compile(r"/(?P<project>[^/]+/[^/]+)/pull/(?P<number>[0-9]+)(?:/.*)?"),
    "gitlab": re.compile(r"/(?P<project>.+?)/-/merge_requests/(?P<number>[0-9]+)(?:/.*)?"),
    "gitea": re.compile(r"/(?P<project>[^/]+/[^/]+)/pulls/(?P<number>[0-9]+)(?:/.*)?"),
    "forgejo": re.compile(r"/(?P<project>[^/]+/[^/]+)/pulls/(?P<number>[0-9]+)(?:/.*)?"),
    "bitbucket": re.compile(r"/(?P<project>[^/]+/[^/]+)/pull-requests/(?P<number>[0-9]+)(?:/.*)?"),
}
_HOSTS = {"github.com": "github", "gitlab.com": "gitlab", "codeberg.org": "forgejo",
          "bitbucket.org": "bitbucket", "gitea.com": "gitea"}  # fmt: skip
_PUBLIC_API = {"github.com": "https://api.github.com", "bitbucket.org": "https://api.bitbucket.org"}
# An HTML comment, hidden by all but one.
_MARKER = "<!-- displace-gate -->"
_BITBUCKET_MARKER = "[comment]: <> (displace-gate)"


@dataclass(frozen=True, slots=True)
class PullRequest:
    """The comments of one pull request. Addresses hold no secret."""

    forge: str
    comments: str  # GET lists them, POST adds one
    edit: str  # "{id}" stands for the comment's

    @property
    def marker(self) -> str:
        """What tells our comment from others, shown to nobody."""
        return _BITBUCKET_MARKER if self.forge == "bitbucket" else _MARKER

    @property
    def edit_method(self) -> str:
        return "PUT" if self.forge in ("gitlab", "bitbucket") else "PATCH"

    def page(self, number: int) -> str:
        """The address of a page of comments, from 1."""
        size = {"gitea": "limit", "forgejo": "limit", "bitbucket": "pagelen"}
        return f"{self.comments}?{size.get(self.forge, 'per_page')}=50&page={number}"

    def body(self, text: str) -> dict[str, object]:
        """A comment as the host wants it."""
        return {"content": {"raw": text}} if self.forge == "bitbucket" else {"body": text}

    def headers(self, token: str) -> dict[str, str]:
        if self.forge == "gitlab":
            return {"PRIVATE-TOKEN": token}
        if self.forge in ("gitea", "forgejo"):
            return {"Authorization": f"token {token}"}
        return {"Authorization": f"Bearer {token}"}


def pull_request(url: str, forge: str = "") -> PullRequest:
    """Read the address of a pull request as a browser shows it. Raises Refused."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        raise Refused("The address of the pull request is malformed.", "comment") from None
    forge = forge or _HOSTS.get(host) or _guessed(parts.path)
    if not forge:
        raise Refused(
            f"The address does not say what kind of host it is; add --forge ({', '.join(FORGES)}).",
            "comment",
        )
    match = _SHAPES[forge].fullmatch(unquote(parts.path).rstrip("/"))
    if match is None or parts.scheme not in ("http", "https") or not host:
        raise Refused(
            f"This is no pull request of {forge}: give its address as the browser shows it.",
            "comment",
        )
    api = _PUBLIC_API.get(host, f"{parts.scheme}://{parts.netloc}")
    return _request(forge, api, host, match["project"], match["number"])


def _guessed(path: str) -> str:
    """GitLab's addresses look like nobody else's."""
    return "gitlab" if "/-/merge_requests/" in path else ""


def _request(forge: str, api: str, host: str, project: str, number: str) -> PullRequest:
    if forge == "gitlab":
        place = f"{api}/api/v4/projects/{quote(project, safe='')}/merge_requests/{number}/notes"
        return PullRequest(forge, place, f"{place}/{{id}}")
    path = quote(project)
    if forge == "bitbucket":
        place = f"{api}/2.0/repositories/{path}/pullrequests/{number}/comments"
        return PullRequest(forge, place, f"{place}/{{id}}")
    if forge == "github":
        root = api if host in _PUBLIC_API else f"{api}/api/v3"
    else:
        root = f"{api}/api/v1"
    issues = f"{root}/repos/{path}/issues"
    return PullRequest(forge, f"{issues}/{number}/comments", f"{issues}/comments/{{id}}")
