"""What a Git host or a local hook says has happened, and what a merge would do."""
