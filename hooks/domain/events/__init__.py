"""What an event says, reduced to one question: is the default branch worth a look now?"""

from hooks.domain.events.bodies import LARGEST_READ, Unreadable, body_document
from hooks.domain.events.reading import Event, Reading, Verdict, read_event

__all__ = [
    "LARGEST_READ",
    "Event",
    "Reading",
    "Unreadable",
    "Verdict",
    "body_document",
    "read_event",
]
