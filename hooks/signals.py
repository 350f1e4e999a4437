"""What the services of this app tell its workers, without knowing them."""

from django.dispatch import Signal

# Somebody asked for a look at a repository's tip. Argument: repository_id. Only a wake-up: the
# row of the watch is the truth, and the sweep finds it.
look_wanted = Signal()
