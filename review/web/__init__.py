"""The pages of leadership."""
