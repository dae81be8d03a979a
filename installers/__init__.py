"""Installers of the four applications: `python -m installers deb all`, `python -m installers windows all`."""
