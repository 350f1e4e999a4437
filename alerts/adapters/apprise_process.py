"""Apprise in a process apart: it is asked on stdin and answers on stdout, in JSON.

Run by `common.adapters.child`, without Django and without this program's secrets. Apprise speaks to
any address, follows redirects and waits as it likes; so it gets one message and so many seconds.
"""

import json
import logging
import signal
import sys
from typing import Any

import apprise

# Of what the library says about a failure (characters).
MOST_SAID = 2000


def main() -> None:
    """Answer one question and end."""
    question = json.load(sys.stdin)
    # Should whoever asked be gone, this process ends all the same.
    signal.alarm(int(question["seconds"]) + 1)
    answers, sys.stdout = sys.stdout, sys.stderr
    json.dump(answer(question), answers)
    answers.flush()


def answer(question: dict[str, Any]) -> dict[str, Any]:
    """`is_known`, whether there is such a service; `is_sent` and `said` after a send."""
    asset = apprise.AppriseAsset(
        app_id="Displace",
        app_desc="Displace",
        app_url="",
        storage_mode=apprise.PersistentStoreMode.MEMORY,
    )
    service = apprise.Apprise.instantiate(question["url"], asset=asset, suppress_exceptions=True)
    if service is None or isinstance(service, list):
        return {"is_known": False}
    if question["action"] == "check":
        return {"is_known": True}
    if "overflow=" not in question["url"]:
        # A long message goes on in a second one: the link to the rest stands at its end.
        service.overflow_mode = apprise.OverflowMode.SPLIT
    speaker = apprise.Apprise(asset=asset)
    speaker.add(service)
    capture = apprise.LogCapture(  # type: ignore[no-untyped-call] # the library leaves it out
        level=logging.WARNING, fmt="%(message)s"
    )
    with capture as log:
        result = speaker.notify(
            title=question["title"],
            body=question["body"],
            body_format=apprise.NotifyFormat.TEXT,
            interpret_escapes=False,
        )
        said = str(log.getvalue())[:MOST_SAID]
    return {"is_known": True, "is_sent": bool(result), "said": said}


if __name__ == "__main__":
    main()
