"""Counts of calls that every web process shares, on each kind of cache."""

import pytest
from django.core.cache import caches
from django.core.cache.backends.db import DatabaseCache
from django.db import connection
from django.test import override_settings
from rest_framework.throttling import SimpleRateThrottle

from displace.env import BadSetting
from displace.settings.cache import CACHE_TABLE, cache_settings
from tests.functional.api.conftest import Api
from tests.functional.api.test_access import assert_problem


@pytest.fixture
def _three_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SimpleRateThrottle, "THROTTLE_RATES", {"anon": "3/min", "user": "3/min"})
    moment = 1_800_000_000.0  # the first second of a minute
    monkeypatch.setattr(SimpleRateThrottle, "timer", lambda _self: moment)


@pytest.mark.usefixtures("_three_a_minute")
@pytest.mark.parametrize("kind", ["postgresql", "sqlite"])
def test_the_fourth_call_waits(viewer: Api, kind: str) -> None:
    with override_settings(CACHES={"default": cache_settings(None, kind)}):
        caches["default"].clear()
        assert [viewer.get("debts").status_code for _call in range(3)] == [200] * 3
        refused = viewer.get("debts")
        assert_problem(refused, 429, "throttled")
        assert refused["Retry-After"] == "61"
        # Another process sees the same count.
        if kind == "postgresql":
            other = DatabaseCache(CACHE_TABLE, {})
            (key,) = _keys()
            assert other.get(key.split(":", 2)[2]) == 4


def _keys() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT cache_key FROM {CACHE_TABLE}")  # noqa: S608 - a fixed name
        return [row[0] for row in cursor.fetchall()]


def test_the_address_of_the_cache() -> None:
    assert cache_settings("redis://h:1/1", "sqlite")["LOCATION"] == "redis://h:1/1"
    with pytest.raises(BadSetting):
        cache_settings("http://h", "sqlite")
