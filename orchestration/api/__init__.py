"""Infrastructure over HTTP for programs."""
