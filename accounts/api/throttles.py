"""How many calls a minute: counted in windows, in the cache that all web processes share.

The framework's own throttles keep the time of every call, which for 1,200 calls a minute is a
large value to read and write with each of them; a count is one number.

The framework reads this module while it loads its own views: nothing here may import those.
"""

from typing import Any

from rest_framework.request import Request
from rest_framework.throttling import AnonRateThrottle, SimpleRateThrottle, UserRateThrottle


class WindowThrottle(SimpleRateThrottle):
    """Counts the calls of each window of time; the next window begins at nothing."""

    # Set by the base class from the rate, such as "60/min".
    num_requests: int | None
    duration: int | None
    _left = 0.0

    def allow_request(self, request: Request, view: Any) -> bool:
        if self.rate is None:
            return True
        key = self.get_cache_key(request, view)
        if key is None or self.num_requests is None or not self.duration:
            return True
        window, passed = divmod(self.timer(), self.duration)
        self._left = self.duration - passed
        return self._counted(f"{key}:{int(window)}") <= self.num_requests

    def wait(self) -> float:
        """Seconds until the next window."""
        return self._left

    def _counted(self, key: str) -> int:
        self.cache.add(key, 0, timeout=2 * int(self.duration or 1))
        try:
            return int(self.cache.incr(key))
        except ValueError:  # the cache threw the count away in between
            return 1


class AnonymousThrottle(WindowThrottle, AnonRateThrottle):
    """Calls without a token, by address."""


class PersonThrottle(WindowThrottle, UserRateThrottle):
    """Calls of one person, whichever token they use."""
