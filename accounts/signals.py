"""What the services of this app tell the apps above, without knowing them."""

from django.dispatch import Signal

# Somebody was shut out. Argument: user_id. Sent in the transaction that does it, so that whatever
# else let them in, or went out to them, ends with it.
person_left = Signal()
