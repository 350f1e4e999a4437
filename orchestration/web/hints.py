"""A line to type that uses a resource, without its password."""

import shlex
from collections.abc import Mapping

from orchestration.domain.capabilities import Capability


def hint_of(capability: str, outputs: Mapping[str, str]) -> str:
    """A command for a shell on this host; empty where there is none, or an output is missing.

    Values are quoted: they come from an engine, and end in somebody's terminal.
    """
    values = {name: shlex.quote(value) for name, value in outputs.items() if value}
    template = {
        Capability.POSTGRESQL: "psql -h {host} -p {port} -U {username} -d {database}",
        Capability.READ_REPLICA: "psql -h {host} -p {port} -U {username} -d {database}",
        Capability.REDIS: "redis-cli -h {host} -p {port} --user {username} --askpass",
        Capability.QUEUE: "amqp://{username}@{host}:{port}/{vhost}",
    }.get(Capability(capability), "")
    try:
        return template.format_map(values)
    except KeyError:
        return ""
