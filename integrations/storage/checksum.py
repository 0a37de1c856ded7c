"""The checksum that a client announces for the bytes it is about to send, as tus writes it."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING

from scoring.errors import InputError, UnknownChoice

if TYPE_CHECKING:
    from hashlib import _Hash

# In the order of Tus-Checksum-Algorithm. MD5 and SHA-1 find what the line broke; neither is trusted with more.
ALGORITHMS: MappingProxyType[str, Callable[[], _Hash]] = MappingProxyType(
    {
        "sha256": hashlib.sha256,
        "sha1": partial(hashlib.sha1, usedforsecurity=False),
        "md5": partial(hashlib.md5, usedforsecurity=False),
    }
)


@dataclass(frozen=True, slots=True)
class Checksum:
    """algorithm: one of ALGORITHMS. digest: as bytes."""

    algorithm: str
    digest: bytes

    @classmethod
    def parse(cls, header: str) -> Checksum:
        """From an `Upload-Checksum` header: the algorithm, a space, the digest in base64.

        Raises UnknownChoice for another algorithm, InputError for a digest that cannot be one of it.
        """
        algorithm, _, encoded = header.strip().partition(" ")
        if algorithm not in ALGORITHMS:
            raise UnknownChoice.among("checksum algorithm", algorithm[:40], list(ALGORITHMS))
        try:
            digest = base64.b64decode(encoded.strip(), validate=True)
        except ValueError as error:
            raise InputError(
                f"the {algorithm} checksum is not in base64", "Send it as RFC 4648 section 4 has it"
            ) from error
        if len(digest) != ALGORITHMS[algorithm]().digest_size:
            raise InputError(
                f"the {algorithm} checksum has {len(digest)} bytes", f"It has {ALGORITHMS[algorithm]().digest_size}"
            )
        return cls(algorithm, digest)

    def fits(self, found: _Hash) -> bool:
        """Whether a hash that was begun with the same algorithm came to this digest."""
        return hmac.compare_digest(found.digest(), self.digest)
