"""People, teams and the secrets they sign in with."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, UserManager
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower

from accounts.domain import handles
from accounts.domain.roles import Role, allows

validate_handle = RegexValidator(rf"^{handles.PATTERN.pattern}\Z", f"Use {handles.RULE}.")


class PeopleManager(UserManager["User"]):
    """Makes `createsuperuser`, which knows nothing of roles, create an admin."""

    # A migration that needs people makes rows; it does not import today's code.
    use_in_migrations = False

    def create_superuser(
        self,
        username: str,
        email: str | None = None,
        password: str | None = None,
        **extra_fields: Any,
    ) -> "User":
        return super().create_superuser(
            username, email, password, **{"role": Role.ADMIN.value, **extra_fields}
        )


class User(AbstractUser):
    """A person. Their user name is also the handle under which they own things."""

    username = models.CharField(
        max_length=handles.MAX_LENGTH, unique=True, validators=[validate_handle]
    )
    display_name = models.CharField(max_length=150, blank=True, default="")
    email = models.EmailField(blank=True, default="")
    role = models.CharField(
        max_length=16,
        choices=[(role.value, role.label) for role in Role],
        default=Role.VIEWER.value,
    )

    objects: ClassVar[PeopleManager] = PeopleManager()

    class Meta:
        ordering: ClassVar[list[str]] = ["username"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(role__in=[role.value for role in Role]),
                name="accounts_user_role_known",
            ),
            models.UniqueConstraint(
                Lower("email"),
                condition=~models.Q(email=""),
                name="accounts_user_email_unique",
            ),
        ]

    def __str__(self) -> str:
        return self.display_name or self.username

    def get_full_name(self) -> str:
        return str(self)

    def get_short_name(self) -> str:
        return self.username

    def may(self, needed: Role) -> bool:
        """Whether this person is active and has at least the role `needed`."""
        return self.is_active and allows(Role(self.role), needed)


class Team(models.Model):
    """A group of people that owns things together."""

    slug = models.CharField(
        max_length=handles.MAX_LENGTH, unique=True, validators=[validate_handle]
    )
    name = models.CharField(max_length=150)
    members = models.ManyToManyField(User, through="Membership", related_name="teams")
    created_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["slug"]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """One person in one team."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    # The lead hears about what the team has left overdue.
    is_lead = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar[list[str]] = ["team", "user"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["team", "user"], name="accounts_membership_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.team}"


class ApiToken(models.Model):
    """A program's way in. The token itself is shown once and never stored."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=100)
    shown = models.CharField(max_length=16)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.name} ({self.shown}...)"


class SignInLink(models.Model):
    """An address that signs one person in, once, within minutes."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sign_in_links")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"sign-in link of {self.user}"


class SignInFailure(models.Model):
    """A wrong password; counted for a while, then deleted."""

    # Hashed: people type their password into the name field.
    name_digest = models.CharField(max_length=64)
    address = models.CharField(max_length=64)
    failed_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["-failed_at"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["name_digest", "failed_at"], name="accounts_failure_name"),
            models.Index(fields=["address", "failed_at"], name="accounts_failure_address"),
            models.Index(fields=["failed_at"], name="accounts_failure_time"),
        ]

    def __str__(self) -> str:
        return f"wrong password at {self.failed_at:%Y-%m-%d %H:%M}"


class RequestRecord(models.Model):
    """A call of the API that carries an Idempotency-Key: done once, answered again from here.

    Without a `status` the call is under way. `claimed_at` says since when, and is also the proof
    of ownership of whoever is at it: a call left behind by a process that died is taken over.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    claimed_at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True)
    headers = models.JSONField(default=dict)
    body = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-created_at", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["user", "key"], name="accounts_request_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["created_at"], name="accounts_request_time"),
        ]

    def __str__(self) -> str:
        return f"{self.key} of {self.user_id}"
