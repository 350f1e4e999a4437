"""Debt items: their commitments, wording and history."""
