"""What an hour of work costs, and how much of a day goes into changes."""

from displace.settings.environment import environment

# Money an hour: low, likely, high.
HOURLY_RATE = environment.rising("DISPLACE_HOURLY_RATE", (85, 100, 120), most=100_000)
CURRENCY = environment.currency("DISPLACE_CURRENCY", "EUR")
# Hours of a developer's day that go into changes of code.
(FOCUS_HOURS,) = environment.rising("DISPLACE_FOCUS_HOURS", (4,), most=24)
# Days a month on which people work.
WORKING_DAYS = environment.integer("DISPLACE_WORKING_DAYS", 21, minimum=1, maximum=31)
