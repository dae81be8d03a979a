"""What only Debian packages bring along."""
