"""The testing centre's command-line tool."""
