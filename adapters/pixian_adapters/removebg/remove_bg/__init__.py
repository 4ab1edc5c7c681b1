"""The package ``remove-bg`` 0.2.1 (imported as ``removebg``), on Pixian."""

from pixian_adapters.removebg.remove_bg.exceptions import AccountCreationFailed, APIException, LoginFailed
from pixian_adapters.removebg.remove_bg.removebg import RemoveBg

__all__ = ["APIException", "AccountCreationFailed", "LoginFailed", "RemoveBg"]
