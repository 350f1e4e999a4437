"""Answers from chat, who gave them, and what may be used only once."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from alerts.domain.messages import Answer


class ChatIdentity(models.Model):
    """A person's account at a chat service, proved by a code that they typed there."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="chat_identities"
    )
    kind = models.CharField(max_length=20)
    # The server or team within which `chat_id` is unique (ChannelKind.workspace).
    workspace = models.CharField(max_length=200, blank=True, default="")
    chat_id = models.CharField(max_length=255)
    chat_name = models.CharField(max_length=255, blank=True, default="")
    linked_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "chat identities"
        ordering: ClassVar = ["user", "kind", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["kind", "workspace", "chat_id"], name="alerts_identity_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.chat_id} ({self.kind})"

    @property
    def place(self) -> str:
        """The workspace for people to read, without the fingerprint of the app that proved it."""
        place, separator, _proof = self.workspace.rpartition(" ")
        return place if separator else self.workspace


class LinkCode(models.Model):
    """A short code that a signed-in person types in chat to prove that the account is theirs."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-pk"]

    def __str__(self) -> str:
        return f"code of {self.user_id}"


class UsedOnce(models.Model):
    """A nonce, a transaction id or a one-use link that was used; the digest is unique."""

    digest = models.CharField(max_length=64, unique=True)
    used_at = models.DateTimeField()
    # From then on a repetition is refused by its age already.
    forget_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "used once"
        ordering: ClassVar = ["pk"]
        indexes: ClassVar = [models.Index(fields=["forget_at"], name="alerts_used_forget")]

    def __str__(self) -> str:
        return self.digest[:12]


class GivenAnswer(models.Model):
    """An answer that somebody gave in chat or by a link, and what came of it.

    The ledger's own history holds what it changed; this row says from where.
    """

    item = models.ForeignKey("ledger.DebtItem", on_delete=models.CASCADE, related_name="+")
    due_on = models.DateField()
    answer = models.CharField(max_length=16, choices=[(one.value, one.value) for one in Answer])
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    # Where it came from: the kind of channel, or "link".
    via = models.CharField(max_length=20)
    channel = models.ForeignKey(
        "alerts.Channel", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    at = models.DateTimeField()
    is_done = models.BooleanField()
    said = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        ordering: ClassVar = ["-pk"]
        indexes: ClassVar = [models.Index(fields=["item", "at"], name="alerts_answer_of_item")]

    def __str__(self) -> str:
        return f"{self.answer} to {self.item_id}"


class CalendarFeed(models.Model):
    """An address under which a team's promises can be subscribed to as a calendar."""

    team = models.ForeignKey("accounts.Team", on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-pk"]

    def __str__(self) -> str:
        return f"calendar of {self.team_id}"
