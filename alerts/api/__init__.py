"""Alerts over HTTP for programs."""
