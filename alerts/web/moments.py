"""When something is next, in words."""

from datetime import datetime
from zoneinfo import ZoneInfo

from common import clock


def moment_words(local: datetime, home: str) -> str:
    """A moment in the coming days by its own clock: "today at 09:30", "Monday at 09:30".

    The place is named where clocks differ from those of `home`, an IANA name.
    """
    today = clock.now().astimezone(local.tzinfo).date()
    days = (local.date() - today).days
    if days < 2:
        day = ("today", "tomorrow")[days]
    else:
        day = f"{local:%A}" if days < 7 else f"{local.day} {local:%B}"
    place = str(local.tzinfo).rpartition("/")[2].replace("_", " ")
    is_elsewhere = local.utcoffset() != local.astimezone(ZoneInfo(home)).utcoffset()
    return f"{day} at {local:%H:%M}" + (f" ({place})" if is_elsewhere else "")
