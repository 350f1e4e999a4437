"""What the API says of people and teams: whom to ask, nothing that lets anybody in."""

from typing import Any, ClassVar

from rest_framework import serializers

from accounts.domain.roles import Role
from accounts.models import Team, User

ROLES = [(role.value, role.label) for role in Role]


class UserSerializer(serializers.ModelSerializer[User]):
    """A person. The user name is the handle under which they own debt."""

    name = serializers.CharField(source="__str__")
    role = serializers.ChoiceField(choices=ROLES)
    teams = serializers.SlugRelatedField[Any](slug_field="slug", many=True, read_only=True)

    class Meta:
        model = User
        fields: ClassVar = ["username", "name", "role", "is_active", "teams"]
        read_only_fields = fields


class TeamSerializer(serializers.ModelSerializer[Team]):
    """A team with its active members. The slug is the handle under which it owns debt."""

    members = serializers.SlugRelatedField[Any](slug_field="username", many=True, read_only=True)

    class Meta:
        model = Team
        fields: ClassVar = ["slug", "name", "members"]
        read_only_fields = fields
