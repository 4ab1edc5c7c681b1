"""From a unit to one of 10,000 buckets: the same in every language, on every machine, for ever.

Our own recipe needs nothing but BLAKE2b; the others line a cohort up with the flag tool that a team uses already.
``conformance.json`` beside this file holds vectors for all of them.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

BUCKETS = 10_000
_32 = 0xFFFFFFFF


def own(salt: str, unit: str) -> int:
    """Give 64 bits of BLAKE2b over salt, a zero byte and unit (UTF-8, as they are), scaled to the buckets."""
    digest = blake2b(_utf8(salt) + b"\0" + _utf8(unit), digest_size=8).digest()
    return int.from_bytes(digest, "big") * BUCKETS >> 64


def unleash(salt: str, unit: str) -> int:
    """Do as Unleash's gradual rollout with the salt as its ``groupId``: whole percents (as UnleashClient 6.9.1)."""
    return murmur3(_utf8(f"{salt}:{unit}")) % 100 * (BUCKETS // 100)


def growthbook_v2(salt: str, unit: str) -> int:
    """Do as GrowthBook's hash version 2 with the salt as its seed (as growthbook 4.0.0 and the JavaScript SDK)."""
    return fnv1a(str(fnv1a(salt + unit))) % BUCKETS


def flagd(salt: str, unit: str) -> int:
    """Do as flagd's ``fractional`` in its short form with the salt as the flag's key (as flagd-core 2.0.0).

    Earlier releases of flagd differ.
    """
    both = b"\x82" + _cbor(_utf8(salt)) + _cbor(_utf8(unit))
    return murmur3(both) * BUCKETS >> 32


BUCKETERS: Mapping[str, Callable[[str, str], int]] = {
    "pixian-shim": own,
    "unleash": unleash,
    "growthbook-v2": growthbook_v2,
    "flagd": flagd,
}
"""Each gives, for a salt and a unit, a bucket from 0 to 9,999; those below the threshold are chosen."""


def murmur3(data: bytes, seed: int = 0) -> int:
    """Give MurmurHash3 for 32 bits, unsigned."""
    state, whole = seed, len(data) & ~3
    for at in range(0, whole, 4):
        state ^= _mixed(int.from_bytes(data[at : at + 4], "little"))
        state = (_turned(state, 13) * 5 + 0xE6546B64) & _32
    if whole < len(data):
        state ^= _mixed(int.from_bytes(data[whole:], "little"))
    state ^= len(data)
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
        state = (state ^ state >> shift) * factor & _32
    return state ^ state >> 16


def _mixed(block: int) -> int:
    return _turned(block * 0xCC9E2D51 & _32, 15) * 0x1B873593 & _32


def _turned(value: int, bits: int) -> int:
    return (value << bits | value >> (32 - bits)) & _32


def fnv1a(text: str) -> int:
    """Give FNV-1a for 32 bits over the UTF-16 code units of a text, as JavaScript counts them."""
    state, data = 0x811C9DC5, text.encode("utf-16-le", "surrogatepass")
    for at in range(0, len(data), 2):
        state = (state ^ int.from_bytes(data[at : at + 2], "little")) * 0x01000193 & _32
    return state


def _cbor(text: bytes) -> bytes:
    """Write a text with the shortest head that holds its length."""
    size = len(text)
    if size < 24:  # noqa: PLR2004 (what fits into the head's first byte)
        return bytes((0x60 | size,)) + text
    width = next(width for width in range(4) if size < 1 << (8 << width))
    return bytes((0x78 | width,)) + size.to_bytes(1 << width, "big") + text


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
