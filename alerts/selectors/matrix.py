"""Which homeserver may speak for which room."""

from alerts.models import MatrixRegistration


def registration_at(key: str) -> MatrixRegistration | None:
    """The registration behind the address of a channel that is switched on."""
    return (
        MatrixRegistration.objects.filter(channel__key=key, channel__disabled_at=None)
        .select_related("channel")
        .first()
    )
