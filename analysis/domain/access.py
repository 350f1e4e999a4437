"""Which role an act of this app needs."""

from accounts.domain.roles import Role

# A path on the server can be read through a registered repository: not for everyone.
REGISTERS = Role.OPERATOR
ANALYSES = Role.CONTRIBUTOR
