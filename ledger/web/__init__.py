"""The pages of the debt register."""
