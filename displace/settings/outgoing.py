"""Whom the program may speak to over HTTP on somebody's word, and as whom."""

from common.addresses import Allowance
from displace.env import BadSetting
from displace.settings.environment import environment

__all__ = ["BELIEVE_OVERRIDE_TRAILERS", "FORGE_TOKEN", "INTERNAL_HOSTS"]

INTERNAL_HOSTS = environment.words("DISPLACE_INTERNAL_HOSTS")
try:
    Allowance.of(INTERNAL_HOSTS)
except ValueError as error:
    raise BadSetting(
        f"DISPLACE_INTERNAL_HOSTS holds {str(error)[:80]!r}; accepted: names of hosts, addresses "
        "and networks such as git.example.org,10.0.0.0/8"
    ) from None

# Only a command uses it, to comment on a pull request. It is never stored.
FORGE_TOKEN = environment.optional("DISPLACE_FORGE_TOKEN") or ""

# Git does not prove who wrote a commit: whoever may push could let a change through in the name of
# an approver, so such lines are believed only where pushes are signed or otherwise proven.
BELIEVE_OVERRIDE_TRAILERS = environment.boolean("DISPLACE_BELIEVE_OVERRIDE_TRAILERS", default=False)
