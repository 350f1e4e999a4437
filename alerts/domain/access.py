"""Who may set up what is said."""

from accounts.domain.roles import Role

# Channels and rules of every team; a team's lead may do the same for the team.
MANAGES = Role.OPERATOR
# Channels of a kind that can do what the others are kept from.
MANAGES_UNGUARDED = Role.ADMIN
# What lets a chat server say who speaks: with it one can speak as anybody there.
VOUCHES = Role.ADMIN
# Deliveries, channels and rules, without their secrets.
LOOKS = Role.VIEWER
