"""People: users, teams, roles, API tokens and the one-use sign-in link."""
