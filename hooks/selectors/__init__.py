"""Every read of this app."""

from hooks.selectors.endpoints import deliveries_of, endpoint_at, endpoint_get, endpoints_of
from hooks.selectors.watching import WatchState, watch_state, watches_failing

__all__ = [
    "WatchState",
    "deliveries_of",
    "endpoint_at",
    "endpoint_get",
    "endpoints_of",
    "watch_state",
    "watches_failing",
]
