"""What leadership reads: the dashboard."""
