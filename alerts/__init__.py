"""What to say of the ledger, when, to whom and where; delivery that loses nothing."""
