"""What the services of this app tell its workers, without knowing them."""

from django.dispatch import Signal

# A run waits for a worker. Argument: run_id. Only a wake-up: the row is the truth, and the sweep
# finds it.
run_waits = Signal()
# A run has reached a final state. Argument: run, with its new state and reason; in the transaction
# of its end.
run_ended = Signal()
