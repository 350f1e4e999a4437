"""Every write of alerts, and everything that speaks to the outside."""
