"""`python -m mab_desktop.cli` is `mab`."""

import sys

from mab_desktop.cli import main

sys.exit(main())
