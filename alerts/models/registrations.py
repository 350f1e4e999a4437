"""Homeservers that pass on what people write in a channel's room."""

from typing import ClassVar

from django.conf import settings
from django.db import models


class MatrixRegistration(models.Model):
    """What a Matrix homeserver was told in the file that registers us as an application service.

    `digest` is that of the token by which the homeserver proves itself. Whoever holds the token
    can speak as every person of that homeserver who has linked an account; so it counts for the
    homeserver and the room of the day on which it was made, whatever the channel's settings say
    later.
    """

    channel = models.OneToOneField(
        "alerts.Channel", on_delete=models.CASCADE, related_name="matrix_registration"
    )
    digest = models.CharField(max_length=64, unique=True)
    # As ChannelKind.workspace names the homeserver.
    workspace = models.CharField(max_length=200)
    room_id = models.CharField(max_length=255)
    # Our own account, to which we do not listen.
    account = models.CharField(max_length=255)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    last_heard_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return f"registration for {self.channel_id}"
