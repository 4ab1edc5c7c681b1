"""The defaults of ``pyclipdrop.settings``: the environment changes them, read when the package is imported."""

from __future__ import annotations

import os

import attrs


def _environment(name: str, default: str) -> str:
    """Look up a variable whatever the case of its letters, as the original does; an empty one counts."""
    found = {key.upper(): value for key, value in os.environ.items()}
    return found.get(name, default)


@attrs.frozen
class PyClipdropSettings:
    """Where requests go. The names are as common as they look: a ``VERSION`` of the program's own counts as well."""

    BASE_URL: str = attrs.field(factory=lambda: _environment("BASE_URL", "https://clipdrop-api.co"))
    VERSION: str = attrs.field(factory=lambda: _environment("VERSION", "v1"))


settings = PyClipdropSettings()
