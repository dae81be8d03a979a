"""Where papers come out: the printers of this computer."""
