"""How long the phases of a run may take, and how long its plan is good for."""

from datetime import timedelta

from displace.settings.environment import environment

ORCHESTRATION_PLAN_TIME = timedelta(minutes=10)
ORCHESTRATION_APPLY_TIME = timedelta(
    minutes=environment.integer("DISPLACE_APPLY_MINUTES", 60, minimum=1, maximum=24 * 60)
)
ORCHESTRATION_VERIFY_TIME = timedelta(minutes=10)
# A plan that nobody approved by then is over, and so is an approval that nobody could apply.
ORCHESTRATION_APPROVAL_TIME = timedelta(
    hours=environment.integer("DISPLACE_APPROVAL_HOURS", 24, minimum=1, maximum=14 * 24)
)
# How often what stands is held against what was declared.
ORCHESTRATION_DRIFT_EVERY = timedelta(
    hours=environment.integer("DISPLACE_DRIFT_HOURS", 6, minimum=1, maximum=7 * 24)
)
# What a debt needs is proposed so long before it comes due.
ORCHESTRATION_PROPOSE_AHEAD = timedelta(
    days=environment.integer("DISPLACE_PROPOSE_DAYS", 30, minimum=1, maximum=365)
)
# How often the load of what runs is looked up: by its probes, and at a Prometheus.
ORCHESTRATION_LOADS_EVERY = timedelta(
    minutes=environment.integer("DISPLACE_LOADS_MINUTES", 15, minimum=1, maximum=24 * 60)
)
# How long looks for drift that found nothing are kept; the newest of each environment stays.
ORCHESTRATION_KEEP_LOOKS = timedelta(
    days=environment.integer("DISPLACE_KEEP_LOOKS_DAYS", 30, minimum=1, maximum=3650)
)
# Started by root, servers run as this ordinary user; otherwise as whoever Displace runs as.
ORCHESTRATION_SERVER_USER = environment.text("DISPLACE_SERVER_USER", "nobody")
