"""The only place that reads the clock; domain code takes the time as an argument."""

from datetime import date, datetime, time, tzinfo

from django.utils import timezone


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return timezone.now()


def today(zone: tzinfo | None = None) -> date:
    """The calendar day in `zone`, by default the installation's time zone."""
    return timezone.localdate(timezone=zone)


def day_of(moment: datetime) -> date:
    """The calendar day of an aware moment, in the installation's time zone."""
    return timezone.localtime(moment).date()


def begin_of(day: date) -> datetime:
    """The first moment of a calendar day in the installation's time zone."""
    return datetime.combine(day, time.min, tzinfo=timezone.get_current_timezone())
