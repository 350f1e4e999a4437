"""What infrastructure a repayment can need, and what using it takes.

The names of outputs are those of Score's resource types (score.dev), so that a workload that is
described there finds what it expects.
"""

from dataclasses import dataclass
from enum import StrEnum


class Capability(StrEnum):
    POSTGRESQL = "postgresql"
    READ_REPLICA = "read-replica"
    REDIS = "redis"
    QUEUE = "queue"
    MONITORING = "monitoring"
    LOAD_TEST = "load-test"
    FEATURE_FLAGS = "feature-flags"


class Metric(StrEnum):
    """The loads that tiers declare a capacity for."""

    CONNECTIONS = "connections"
    REQUESTS_PER_SECOND = "requests_per_second"
    STORAGE_GB = "storage_gb"
    # What a monitoring keeps of itself: it follows what is watched, not how large that is.
    FIGURES_GB = "figures_gb"
    MEMORY_MB = "memory_mb"
    MESSAGES_PER_SECOND = "messages_per_second"
    USERS = "users"


# After an amount: "50 connections", "10 GB of storage".
METRIC_WORDS: dict[Metric, str] = {
    Metric.CONNECTIONS: "connections",
    Metric.REQUESTS_PER_SECOND: "requests a second",
    Metric.STORAGE_GB: "GB of storage",
    Metric.FIGURES_GB: "GB of figures",
    Metric.MEMORY_MB: "MB of memory",
    Metric.MESSAGES_PER_SECOND: "messages a second",
    Metric.USERS: "users",
}


@dataclass(frozen=True, slots=True)
class CapabilityTerms:
    """What a capability is called, what a blueprint of it must put out, and which loads count."""

    title: str
    meaning: str
    outputs: tuple[str, ...]
    secret_outputs: tuple[str, ...]
    metrics: tuple[Metric, ...]


CAPABILITIES: dict[Capability, CapabilityTerms] = {
    Capability.POSTGRESQL: CapabilityTerms(
        "PostgreSQL database", "a relational database of its own",
        ("host", "port", "database", "username", "password"), ("password",),
        (Metric.CONNECTIONS, Metric.STORAGE_GB),
    ),
    Capability.READ_REPLICA: CapabilityTerms(
        "Read replica", "a copy of a PostgreSQL database that takes the reading",
        ("host", "port", "database", "username", "password"), ("password",),
        (Metric.CONNECTIONS, Metric.STORAGE_GB),
    ),
    Capability.REDIS: CapabilityTerms(
        "Redis cache", "a cache in memory",
        ("host", "port", "username", "password"), ("password",),
        (Metric.CONNECTIONS, Metric.MEMORY_MB),
    ),
    Capability.QUEUE: CapabilityTerms(
        "Message queue", "a broker that hands work from one program to another",
        ("host", "port", "vhost", "username", "password"), ("password",),
        (Metric.CONNECTIONS, Metric.MESSAGES_PER_SECOND),
    ),
    Capability.MONITORING: CapabilityTerms(
        "Monitoring", "Prometheus with alert rules for what stands beside it",
        ("host", "port", "url"), (), (Metric.FIGURES_GB,),
    ),
    Capability.LOAD_TEST: CapabilityTerms(
        "Load-test stage", "simulated users that press on what stands beside it",
        ("host", "port", "url"), (), (Metric.USERS, Metric.REQUESTS_PER_SECOND),
    ),
    Capability.FEATURE_FLAGS: CapabilityTerms(
        "Feature flags", "a service that switches the new way on for some users first",
        ("host", "port", "url", "token"), ("token",), (Metric.REQUESTS_PER_SECOND,),
    ),
}  # fmt: skip
