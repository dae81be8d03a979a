"""Where page images come from."""
