"""The addresses of ``removebg.constants``, and which status is which exception."""

from pixian_adapters.removebg.remove_bg import exceptions

WWW_ENDPOINT = "https://www.remove.bg/"
"""Where the original logged in; nothing is sent there."""

API_ENDPOINT = "https://api.remove.bg/v1.0/"
"""Read at each call, as in the original; it shows in responses and errors, and nothing is sent there."""

API_EXCEPTIONS: list[type[exceptions.APIException]] = [
    exceptions.InvalidParameters,
    exceptions.InsufficientCredits,
    exceptions.AuthenticationFailed,
    exceptions.RateLimitExceeded,
]
