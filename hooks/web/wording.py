"""What to click in each Git host, and what the states are called."""

from collections.abc import Mapping

from hooks.domain.kinds import Kind

# The first step: where that host keeps its webhooks.
_START = "In {host}, open the repository and go to {place}."

SETUP: Mapping[Kind, tuple[str, ...]] = {
    Kind.GITHUB: (
        _START.format(host="GitHub", place="Settings → Webhooks → Add webhook"),
        "Payload URL: the address.",
        "Content type: application/json.",
        "Secret: the secret.",
        "Which events: “Just the push event”.",
        "Press “Add webhook”. GitHub sends a ping, and this page says “Connected”.",
    ),
    Kind.GITLAB: (
        _START.format(host="GitLab", place="Settings → Webhooks → Add new webhook"),
        "URL: the address.",
        "Signing token: the secret. Where your GitLab has no such field, enter it as secret token.",
        "Trigger: “Push events”, for all branches; “Merge request events” do no harm.",
        "Press “Add webhook”, then “Test → Push events”: the delivery appears here.",
    ),
    Kind.GITEA: (
        _START.format(host="Gitea", place="Settings → Webhooks → Add webhook → Gitea"),
        "Target URL: the address. HTTP method: POST. Content type: application/json.",
        "Secret: the secret.",
        "Trigger on: “Push events”.",
        "Press “Add webhook”, open it again and press “Test delivery”: it appears here.",
    ),
    Kind.FORGEJO: (
        _START.format(host="Forgejo", place="Settings → Webhooks → Add webhook → Forgejo"),
        "Target URL: the address. HTTP method: POST. Content type: application/json.",
        "Secret: the secret.",
        "Trigger on: “Push events”.",
        "Press “Add webhook”, open it again and press “Test delivery”: it appears here.",
    ),
    Kind.BITBUCKET: (
        _START.format(host="Bitbucket", place="Repository settings → Webhooks → Add webhook"),
        "URL: the address.",
        "Secret: the secret.",
        "Triggers: “Repository push”. “Pull request merged” does no harm.",
        "Save, and push something: it appears here. Data Center has “Test connection” for that.",
    ),
    Kind.DISPLACE: (
        "On the Git server, put the secret into a file that only its user can read.",
        "Copy hooks/client/displace-hook there; it needs Python 3.9 or newer and nothing else.",
        "In the bare repository, run the command below.",
        "Push something to the default branch: the delivery appears here.",
    ),
}

STATE_TONES = {"waiting": "running", "looked": "good", "ignored": "quiet", "ping": "good"}
