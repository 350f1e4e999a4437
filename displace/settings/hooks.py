"""How events of Git hosts are kept and how often tips are looked at."""

from datetime import timedelta

from displace.settings.environment import environment

# Between two looks at the tip of a repository that no event was heard of.
HOOKS_LOOK_EVERY = timedelta(
    minutes=environment.integer("DISPLACE_LOOK_MINUTES", 15, minimum=1, maximum=1440)
)
# How long a delivery is kept, which is also how long its id is known.
HOOKS_KEEP_DELIVERIES = timedelta(
    days=environment.integer("DISPLACE_KEEP_DELIVERIES_DAYS", 30, minimum=1, maximum=3650)
)
# The largest body of an event (bytes): GitHub sends none above 25 MB.
HOOKS_LARGEST_BODY = 25 * 1024 * 1024
