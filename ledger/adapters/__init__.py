"""What the ledger asks of the outside."""
