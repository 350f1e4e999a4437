"""The forms of the register. A rule of the ledger that refuses is shown on the field at fault."""
