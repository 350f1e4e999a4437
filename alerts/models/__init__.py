from alerts.models.answers import CalendarFeed, ChatIdentity, GivenAnswer, LinkCode, UsedOnce
from alerts.models.channels import Channel
from alerts.models.deliveries import Attempt, Delivery
from alerts.models.digests import Digest, Notice
from alerts.models.registrations import MatrixRegistration
from alerts.models.routes import Preference, Route, TeamSchedule
from alerts.models.troubles import Trouble

__all__ = [
    "Attempt",
    "CalendarFeed",
    "Channel",
    "ChatIdentity",
    "Delivery",
    "Digest",
    "GivenAnswer",
    "LinkCode",
    "MatrixRegistration",
    "Notice",
    "Preference",
    "Route",
    "TeamSchedule",
    "Trouble",
    "UsedOnce",
]
