"""Kills the supervisor's programs when the supervisor is gone. Run as a script; only builtins.

Standard input names the process groups to keep an eye on and those to forget, one per line. It
ends when the supervisor does, however that ends.
"""

import os
import signal
import sys
from collections.abc import Iterable
from contextlib import suppress

KEEP = "+"
RELEASE = "-"


def main(lines: Iterable[str]) -> None:
    """Follow the lines to their end, then kill the groups that were not released."""
    groups: set[int] = set()
    for line in lines:
        group = int(line[1:])
        if line[0] == KEEP:
            groups.add(group)
        else:
            groups.discard(group)
    for group in groups:
        with suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)


if __name__ == "__main__":
    main(sys.stdin)
