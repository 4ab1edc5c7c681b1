"""Answer the providers' HTTP interfaces, so that code in any language changes a base URL and nothing else."""

from pixian_shim.gateway._config import Config, Key, LinkSettings
from pixian_shim.gateway._server import Gateway, create_app, serve

__all__ = ["Config", "Gateway", "Key", "LinkSettings", "create_app", "serve"]
