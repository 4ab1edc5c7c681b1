"""Serve a comparison's folder to the browsers of this machine: for those too large for one file."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING, Self

from pixian_shim.compare.report.folder import Folder
from pixian_shim.errors import MissingExtra

if TYPE_CHECKING:
    import os

    from pixian_shim.serving.server import HttpServer


class ReportServer:
    """Show the report, and keep reviewers' decisions in its folder.

    ::

        with ReportServer("out/comparison") as server:
            print(server.url)

    Whoever reaches it may decide: there is no password. It therefore listens on loopback unless told otherwise, answers
    to no name but ``localhost`` and addresses, so that no web page can reach it under a name of its own, and takes
    decisions from its own pages only.

    Args:
        folder: that a comparison was written to.
        port: 0 takes a free one.
        host: address to listen on.

    Raises:
        ConfigurationError: the folder holds no comparison, or the address cannot be listened on.
        MissingExtra: the extra ``server`` is not installed.
    """

    def __init__(self, folder: str | os.PathLike[str] | Folder, *, port: int = 0, host: str = "127.0.0.1") -> None:
        try:
            from pixian_shim.compare.report.desk import Desk
            from pixian_shim.serving.server import HttpServer
        except ModuleNotFoundError as error:
            raise MissingExtra("server", "serving a report") from error
        self.folder = folder if isinstance(folder, Folder) else Folder(folder)
        desk = Desk(self.folder)
        self._host = host
        self._server: HttpServer = HttpServer(desk.app(), host, port, name="pixian-shim report")

    def start(self) -> Self:
        """Begin to serve.

        Raises:
            ConfigurationError: the server did not come up.
        """
        self._server.start()
        return self

    def close(self) -> None:
        """Stop serving; what is being written is finished first."""
        self._server.close()

    def __enter__(self) -> Self:
        """Begin to serve."""
        return self.start()

    def __exit__(self, *_: object) -> None:
        """Stop serving."""
        self.close()

    def __repr__(self) -> str:
        """Show the address."""
        return f"ReportServer({self.url!r})"

    @property
    def url(self) -> str:
        """Where the report is."""
        try:
            every = ip_address(self._host).is_unspecified
        except ValueError:
            every = False
        host = ("[::1]" if ":" in self._host else "127.0.0.1") if every else self._host
        return f"http://{f'[{host}]' if ':' in host and not host.startswith('[') else host}:{self._server.port}/"
