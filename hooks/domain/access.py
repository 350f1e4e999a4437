"""Which role an act of this app needs."""

from accounts.domain.roles import Role

# Whoever makes an endpoint learns a secret with which events can be sent.
MANAGES = Role.OPERATOR
# A look at the tip may start an analysis.
LOOKS = Role.CONTRIBUTOR
