"""The HTTP API of repositories, analyses and snapshots."""
