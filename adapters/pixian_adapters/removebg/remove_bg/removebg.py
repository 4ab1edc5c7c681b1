"""The module ``removebg.removebg`` of the package ``remove-bg`` 0.2.1, on Pixian and on Python 3.10 and newer.

::

    from pixian_adapters.removebg.remove_bg import RemoveBg  # was: from removebg import RemoveBg

Same class, options, bytes and exceptions. What is different, on purpose:

- Log-in, accounts, captchas and the scraping of the profile were driving remove.bg's website and are refused, with
  exceptions of the same classes.
- ``get_available_credits`` and ``get_available_previews`` answer from Pixian's account and need one token, any one.
- The exceptions have the service's answer as ``response``, and its words below the message in a traceback.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from pixian_adapters.removebg._exchange import exchange
from pixian_adapters.removebg.remove_bg import constants, exceptions
from pixian_shim.doors import raise_for_status, refusal

if TYPE_CHECKING:
    from pixian_shim.doors import StrPath

_FILES = ("image_file", "bg_image_file")


class RemoveBg:
    """Remove backgrounds.

    Args:
        api_token: remove.bg's key, which is left unused, or ``id:secret`` of Pixian.
        session_token: of remove.bg's website; left unused.
        anticaptcha_token: of another service; left unused.
    """

    def __init__(
        self, api_token: str | None = None, session_token: str | None = None, anticaptcha_token: str | None = None
    ) -> None:
        self.api_token = api_token
        self.session_token = session_token
        self.anticaptcha_token = anticaptcha_token

    def remove_background(self, **options: Any) -> bytes:
        """Remove the background of one picture.

        Args:
            options: parameters of the service as they are; ``image_file`` and ``bg_image_file`` are bytes or files.

        Returns:
            The picture.

        Raises:
            TokenRequired: no ``api_token`` was given.
            APIException: an answer of 400, 402, 403 or 429.
            requests.exceptions.HTTPError: any other answer from 400 on.
            requests.exceptions.ConnectionError: no answer.
        """
        if self.api_token is None:
            raise exceptions.TokenRequired("api")
        files = {name: options.pop(name) for name in _FILES if name in options}
        return self.__ask("POST", "removebg", self.api_token, options, files).content  # type: ignore[no-any-return]

    def remove_background_from_file(self, filepath: StrPath, **options: Any) -> bytes:
        """Remove the background of a file; everything else as for ``remove_background``."""
        if self.api_token is None:
            raise exceptions.TokenRequired("api")
        with open(filepath, "rb") as picture:  # noqa: PTH123 (the path stays as given, in errors)
            return self.remove_background(**{**options, "image_file": picture})

    def remove_background_from_url(self, url: str, **options: Any) -> bytes:
        """Remove the background of a picture that Pixian fetches; everything else as for ``remove_background``."""
        return self.remove_background(**{**options, "image_url": url})

    def remove_background_from_base64(self, base64: str, **options: Any) -> bytes:
        """Remove the background of a picture given as base64; everything else as for ``remove_background``."""
        return self.remove_background(**{**options, "image_file_b64": base64})

    def get_available_credits(self) -> float:
        """Ask Pixian's account for the credits left.

        Raises:
            TokenRequired: no token was given at all.
        """
        return float(self.__account()["credits"]["total"])

    def get_available_previews(self) -> int:
        """Give the free calls left: none, but Pixian's test mode is free.

        Raises:
            TokenRequired: no token was given at all.
        """
        return int(self.__account()["api"]["free_calls"])

    def login(
        self,
        email: str | None = None,  # noqa: ARG002
        password: str | None = None,  # noqa: ARG002
        session_token: str | None = None,  # noqa: ARG002
    ) -> NoReturn:
        """Refuse.

        Raises:
            LoginFailed: always.
        """
        raise exceptions.LoginRefused("login")

    def create_account(self, email: str, password: str) -> NoReturn:  # noqa: ARG002
        """Refuse.

        Raises:
            AccountCreationFailed: always.
        """
        raise exceptions.AccountCreationRefused("create_account")

    def generate_account(self) -> NoReturn:
        """Refuse.

        Raises:
            AccountCreationFailed: always.
        """
        raise exceptions.AccountCreationRefused("generate_account")

    @staticmethod
    def activate_email(activation_link: str) -> NoReturn:  # noqa: ARG004
        """Refuse.

        Raises:
            NotOffered: always.
        """
        raise exceptions.NotOffered("activate_email")

    def __account(self) -> dict[str, Any]:
        if self.api_token is None and self.session_token is None:
            raise exceptions.TokenRequired("session")
        # A session token belongs to a website and stays here; any other text does for an account that is Pixian's.
        answer = self.__ask("GET", "account", self.api_token or "unused")
        return answer.json()["data"]["attributes"]  # type: ignore[no-any-return]

    def __ask(
        self,
        method: str,
        operation: str,
        token: str,
        options: dict[str, Any] | None = None,
        files: dict[str, Any] | None = None,
    ) -> Any:
        response = exchange(method, constants.API_ENDPOINT + operation, key=token, fields=options, files=files)
        for kind in constants.API_EXCEPTIONS:
            if kind.status_code == response.status_code:
                raise refusal(kind(response.json()["errors"][0]["title"]), response)
        raise_for_status(response)
        return response
