"""Where short-lived counts are kept that all web processes share: those of the throttles."""

from typing import Any

from displace.env import BadSetting
from displace.settings.environment import DATABASE_URL, environment

CACHE_TABLE = "displace_cache"


def cache_settings(url: str | None, engine: str) -> dict[str, Any]:
    """Redis by its address; else the database, or with SQLite the one web process itself."""
    if url is not None:
        if not url.startswith(("redis://", "rediss://")):
            raise BadSetting(
                "DISPLACE_CACHE_URL is no address of a cache; accepted: redis://host:6379/1, "
                "rediss://"
            )
        return {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": url}
    if engine == "sqlite":
        return {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    return {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": CACHE_TABLE}


CACHES = {
    "default": cache_settings(environment.optional("DISPLACE_CACHE_URL"), DATABASE_URL.engine)
}
