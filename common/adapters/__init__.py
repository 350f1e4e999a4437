"""One thing outside of the program each."""
