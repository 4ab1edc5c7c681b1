"""Code written for the library rembg, on Pixian: ``remove()`` and its sessions, the server, the command line.

rembg costs nothing, Pixian does: importing this package instead of rembg is how a program says that it wants to.
"""

from pixian_adapters.rembg.bg import remove
from pixian_adapters.rembg.inside import register
from pixian_adapters.rembg.session_factory import new_session
from pixian_adapters.rembg.versions import imitate, imitated

__all__ = ["imitate", "new_session", "register", "remove"]


def __getattr__(name: str) -> str:
    """Give ``__version__``: the release that is imitated at the moment.

    Raises:
        AttributeError: there is no such name.
    """
    if name == "__version__":
        return imitated()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
