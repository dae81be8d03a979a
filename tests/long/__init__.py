"""Long evidence: run by hand, with results kept beside it (tests/long/README.md)."""
