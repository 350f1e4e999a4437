"""The words for marks in code that might become debt."""

from enum import StrEnum


class CandidateKind(StrEnum):
    """The word that the comment begins with; DEBT stands without an id."""

    DEBT = "DEBT"
    FIXME = "FIXME"
    HACK = "HACK"
    TODO = "TODO"
    XXX = "XXX"


class CandidateState(StrEnum):
    OPEN = "open"
    PROMOTED = "promoted"
    DISMISSED = "dismissed"
