"""The HTTP API of the debt register."""
