"""Programs of others that run in a process apart."""
