"""What the services of this app tell its workers, without knowing them."""

from django.dispatch import Signal

# Messages were put into the outbox. Argument: channel_ids, a set. Only a wake-up: the rows are
# the truth, and the sweep finds them.
deliveries_wanted = Signal()
