"""The embedded size: web, worker and beat on one machine, started and stopped together."""
