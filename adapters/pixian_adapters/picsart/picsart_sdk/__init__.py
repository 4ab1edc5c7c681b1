"""The package ``picsart_sdk`` 1.0.0, as far as it removes backgrounds and tells the balance; re-written.

What differs from the original:

- Each call is sent by itself. The original keeps the first picture and the first file of a client, so that a second
  call repeats them.
- The background picture of ``bg_image`` is sent. The original writes its fields into one text.
- What is ``None`` is left out. The original sends empty fields.
- ``response.data.url`` leads to the result in this process only, through requests, httpx, aiohttp, urllib3 and
  ``urllib.request``; it is no address of Picsart's. It works as long as the shim's links say, an hour by default.
- The default time limit of 99 s is left to Pixian's client, which waits 180 s for a byte as Pixian asks. One that is
  given (``timeout=``, ``PICSART_SDK_DEFAULT_HTTP_TIMEOUT_SECONDS``) holds.
- ``version`` is accepted, and changes nothing.
- Errors are this library's as well, with the reason as ``__cause__``.
- Other clients than these two are refused: with the original, ``pixian_shim.install("picsart")`` leaves them alone.
"""

from pixian_adapters.picsart.picsart_sdk.clients.client_factory import PicsartAPI, async_client, client

__all__ = ["PicsartAPI", "async_client", "client"]
