"""Every read of alerts."""
