"""The module ``remove_bg_api`` of the package ``remove-bg-api`` 0.2.1, on Pixian.

::

    from pixian_adapters.removebg import remove_bg_api  # was: import remove_bg_api

Same classes, order of arguments, results and exceptions; the constructor asks for the account, and a dict given as
``data`` is written into as before. What is different, on purpose:

- The original takes ``int()`` of the credits charged and so loses every result that costs a fraction of a credit, which
  is what its own default size costs. Here the balance is Pixian's and counts fractions.
- A missing or unreadable charge is not subtracted; the original raises after the charged call.
- With ``raw=False`` the folder is looked for before the paid call, and the file is written whole or not at all.
- ``bg_image_file`` in ``data`` goes as a file; the original sends it as text, which the service refuses.
- The exceptions have the service's answer as ``response``, and its words below the message in a traceback.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from pixian_adapters.removebg._exchange import exchange
from pixian_shim.doors import check_destination, refusal, save_result
from pixian_shim.errors import ShimError

if TYPE_CHECKING:
    from pixian_shim.doors import StrPath

API_URL = "https://api.remove.bg/v1.0"
"""Read at each call, as in the original; it shows in responses, and nothing is sent there."""

Data = MutableMapping[str, Any]


class RemoveBg:
    """Remove backgrounds, and keep count of the credits.

    Args:
        api_key: remove.bg's key, which is left unused, or ``id:secret`` of Pixian.

    Raises:
        Errors.ApiErrorCode403: there are no credentials, or they are wrong.
    """

    def __init__(self, api_key: str) -> None:
        self.__api_key__ = api_key
        self.account = Account(self)

    def remove_bg_bytes(
        self,
        input_bytes: bytes,
        out_path: StrPath = "nbg.png",
        size: str = "preview",
        raw: bool = True,
        data: Data | None = None,
    ) -> bytes | StrPath:
        """Remove the background of a picture in memory.

        Args:
            input_bytes: the picture.
            out_path: the file for the result, where ``raw`` is false.
            size: largest result; has no effect where ``data`` is given.
            raw: give bytes and write no file.
            data: further parameters of the service, in place of ``size``. The source is put into it.

        Returns:
            The picture, or ``out_path``.

        Raises:
            Errors.ApiErrorCode400: and its neighbours, by status.
            requests.exceptions.ConnectionError: no answer.
            OSError: the result cannot be written.
        """
        return self.__remove("image_file", input_bytes, out_path, size, raw, data)

    def change_api_key(self, token: str) -> None:
        """Use another key from now on."""
        self.__api_key__ = token

    def remove_bg_file(
        self,
        input_path: StrPath,
        out_path: StrPath = "nbg.png",
        size: str = "preview",
        raw: bool = True,
        data: Data | None = None,
    ) -> bytes | StrPath:
        """Remove the background of a file; everything else as for ``remove_bg_bytes``.

        Raises:
            OSError: also where the picture cannot be read.
        """
        with open(input_path, "rb") as picture:  # noqa: PTH123 (the path stays as given, in errors)
            return self.__remove("image_file", picture, out_path, size, raw, data)

    def remove_bg_url(
        self,
        input_url: str,
        out_path: StrPath = "nbg.png",
        size: str = "preview",
        raw: bool = True,
        data: Data | None = None,
    ) -> bytes | StrPath:
        """Remove the background of a picture that Pixian fetches; everything else as for ``remove_bg_bytes``."""
        return self.__remove("image_url", input_url, out_path, size, raw, data)

    def remove_bg_base64(
        self,
        input_base64: str | bytes,
        out_path: StrPath = "nbg.png",
        size: str = "preview",
        raw: bool = True,
        data: Data | None = None,
    ) -> bytes | StrPath:
        """Remove the background of a picture given as base64; everything else as for ``remove_bg_bytes``."""
        return self.__remove("image_file_b64", input_base64, out_path, size, raw, data)

    def send_request(self, api_method: str, method: str, data: Data | None = None) -> Any:
        """Ask the service for anything it offers.

        Args:
            api_method: ``removebg``, ``account`` or ``improve``.
            method: ``GET`` or ``POST``, in capitals.
            data: parameters; ``image_file`` is taken out of it.

        Returns:
            A ``requests.Response``, also for errors with a status.

        Raises:
            Errors.EmptyResponseDataError: a POST without data.
            Errors.WrongRequestMethodError: another method.
        """
        url = f"{API_URL}/{api_method}"
        if method == "GET":
            return exchange("GET", url, key=self.__api_key__)
        if method != "POST":
            raise Errors.WrongRequestMethodError
        if not data:
            raise Errors.EmptyResponseDataError
        files = {"image_file": data.pop("image_file", None)}
        fields = dict(data)
        if not isinstance(fields.get("bg_image_file", ""), str):
            files["bg_image_file"] = fields.pop("bg_image_file")
        return exchange("POST", url, key=self.__api_key__, fields=fields, files=files)

    def __process_response__(
        self, response: Any, raw_b: bool, process_image: bool = False, output_file: StrPath = "nbg.png"
    ) -> Any:
        """Take the result out of a response, or raise what its status stands for.

        Returns:
            The parsed JSON; with ``process_image`` the picture (``raw_b``) or ``output_file``.
        """
        if response.status_code != HTTPStatus.OK:
            raise refusal(_BY_STATUS.get(response.status_code, Errors.UnknownError)(), response)
        if not process_image:
            return response.json()
        self.account.__local_balance__ -= _charge(response.headers.get("X-Credits-Charged"))
        if raw_b:
            return response.content
        save_result(response.content, output_file)
        return output_file

    def __remove(
        self, field: str, source: Any, out_path: StrPath, size: str, raw: bool, data: Data | None
    ) -> bytes | StrPath:
        if not raw:
            check_destination(out_path)
        if data is None:
            data = {"format": "auto", "type": "auto", "size": size}
        data[field] = source
        response = self.send_request("removebg", "POST", data)
        return self.__process_response__(response, raw, True, out_path)  # type: ignore[no-any-return]


class Account:
    """The account as it was when last asked, less what has been charged since."""

    def __init__(self, parent: RemoveBg) -> None:
        self.__parent__ = parent
        self.__local_balance__: float = 0
        self.refresh_balance()

    def balance(self) -> float:
        """Give the credits left, without asking."""
        return self.__local_balance__

    def refresh_balance(self) -> None:
        """Ask for the credits left."""
        self.get_balance_dict()

    def get_balance_dict(self) -> dict[str, float]:
        """Ask for the credits left, by kind; Pixian's are all ``payg``."""
        shares: dict[str, float] = self.get_all_info()["data"]["attributes"]["credits"]
        self.__local_balance__ = shares["total"]
        return shares

    def free_api_calls(self) -> int:
        """Ask for the free calls left; Pixian has none, but a test mode."""
        return self.get_all_info()["data"]["attributes"]["api"]["free_calls"]  # type: ignore[no-any-return]

    def get_all_info(self) -> dict[str, Any]:
        """Ask for everything, as remove.bg nests it.

        Raises:
            Errors.ApiErrorCode403: the credentials are wrong.
        """
        response = self.__parent__.send_request("account", "GET")
        return self.__parent__.__process_response__(response, False)  # type: ignore[no-any-return]


class _Sentence(ShimError):
    """An error whose text is fixed, whatever it was raised with."""

    txt = ""
    response: Any = None

    def __str__(self) -> str:
        return self.txt


class Errors:
    """Every exception of the package; scripts compare the texts, so they are the original's."""

    class ApiErrorCode400(_Sentence):
        """The picture or a parameter is not accepted."""

        txt = (
            "API Error: Invalid parameters or original_image file unprocessable.\n"
            "Something is wrong with the parameters or original_image file."
        )

    class ApiErrorCode402(_Sentence):
        """No credits are left."""

        txt = "API Error: Insufficient credits.\nBuy some credits on remove.bg."

    class ApiErrorCode403(_Sentence):
        """The credentials are wrong or missing."""

        txt = "API Error: Authentication failed.\nSpecify the correct API key. "

    class ApiErrorCode429(_Sentence):
        """Too many requests, also after waiting."""

        txt = "API Error: Rate limit exceeded."

    class WrongRequestMethodError(_Sentence):
        """``send_request`` knows GET and POST."""

        txt = (
            "API Wrapper Error: A nonexistent method for sending a request to remove.bg servers is indicated.\n"
            "Look https://www.remove.bg/api."
        )

    class EmptyResponseDataError(_Sentence):
        """``send_request`` has nothing to post."""

        txt = (
            "API Wrapper Error: Attempt to send empty data to remove.bg server using POST request.\n"
            "Look https://www.remove.bg/api."
        )

    class UnknownError(_Sentence):
        """Any other status."""

        txt = "API Error: Unknown Error!"


_BY_STATUS: dict[int, type[_Sentence]] = {
    400: Errors.ApiErrorCode400,
    402: Errors.ApiErrorCode402,
    403: Errors.ApiErrorCode403,
    429: Errors.ApiErrorCode429,
}


def _charge(text: str | None) -> float:
    """Read the credits charged: whole ones stay whole, as in the original."""
    try:
        charge = float(text or 0)
    except ValueError:
        return 0
    return int(charge) if charge.is_integer() else charge
