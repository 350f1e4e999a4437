"""How long messages are tried and kept."""

from datetime import timedelta

from displace.settings.environment import environment

# A message that no attempt brought through by then is given up and shown to a person.
ALERTS_GIVE_UP_AFTER = timedelta(
    days=environment.integer("DISPLACE_GIVE_UP_DAYS", 3, minimum=1, maximum=30)
)
# How long the log keeps what was sent, given up or dropped.
ALERTS_KEEP_MESSAGES = timedelta(
    days=environment.integer("DISPLACE_KEEP_MESSAGES_DAYS", 90, minimum=7, maximum=3650)
)
# Whoever sends holds a message so long. Longer than any service may take to answer, or a slow
# answer is taken for a dead worker and the message is sent again.
ALERTS_LEASE = timedelta(seconds=120)
