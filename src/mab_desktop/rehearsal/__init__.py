"""A whole season played by simulated people."""
