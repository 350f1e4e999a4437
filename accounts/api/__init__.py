"""Who calls the HTTP API, what they may do, and calls that may be repeated."""
