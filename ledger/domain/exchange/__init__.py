"""What other tools know of debt, and the ledger as a file: reading and writing, no database."""
