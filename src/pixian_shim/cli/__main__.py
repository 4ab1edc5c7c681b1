"""``python -m pixian_shim.cli``: the command ``pixian-shim``, where scripts are not on the path."""

from pixian_shim.cli import main

if __name__ == "__main__":
    main()
