"""Every change to people, teams, tokens, sign-in links and remembered API calls."""

from accounts.services.people import (
    user_create,
    user_deactivate,
    user_reactivate,
    user_set_role,
)
from accounts.services.requests import (
    REQUEST_LEASE,
    Answer,
    RequestDiffers,
    RequestUnderWay,
    request_once,
)
from accounts.services.signing_in import (
    sign_in_failed,
    sign_in_link_issue,
    sign_in_link_redeem,
    sign_in_succeeded,
)
from accounts.services.teams import (
    team_add_member,
    team_create,
    team_lead_set,
    team_remove_member,
)
from accounts.services.tokens import IssuedToken, token_issue, token_revoke, token_use

__all__ = [
    "REQUEST_LEASE",
    "Answer",
    "IssuedToken",
    "RequestDiffers",
    "RequestUnderWay",
    "request_once",
    "sign_in_failed",
    "sign_in_link_issue",
    "sign_in_link_redeem",
    "sign_in_succeeded",
    "team_add_member",
    "team_create",
    "team_lead_set",
    "team_remove_member",
    "token_issue",
    "token_revoke",
    "token_use",
    "user_create",
    "user_deactivate",
    "user_reactivate",
    "user_set_role",
]
