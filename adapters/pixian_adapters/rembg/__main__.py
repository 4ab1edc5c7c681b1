"""``python -m pixian_adapters.rembg``."""

import sys

from pixian_adapters.rembg.cli import main

if __name__ == "__main__":
    sys.exit(main())
