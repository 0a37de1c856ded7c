"""A mend for SoundFonts: symusic 0.5.9 ignores a zone's root key and plays it at its sample's.

Without it pretty_midi's SoundFont sounds up to three octaves too high. The mend gives each pair of sample and root
key a sample header of its own, which symusic does obey. Generator and record numbers: SoundFont technical
specification 2.04, sections 7 and 8.
"""

from __future__ import annotations

import struct

import numpy as np

_SAMPLE_ID, _ROOT_KEY = 53, 58
_INSTRUMENT = np.dtype([("name", "S20"), ("bag", "<u2")])
_BAG = np.dtype([("generator", "<u2"), ("modulator", "<u2")])
_GENERATOR = np.dtype([("kind", "<u2"), ("amount", "<u2")])
_SAMPLE = np.dtype(
    [("name", "S20"), ("start", "<u4"), ("end", "<u4"), ("loop", "<u4"), ("loop_end", "<u4"), ("rate_hz", "<u4"),
     ("pitch", "u1"), ("correction", "i1"), ("link", "<u2"), ("type", "<u2")]
)  # fmt: skip


def mended(soundfont: bytes) -> bytes:
    """The same SoundFont with every zone's root key in a sample header. Raises ValueError for another file."""
    lists = _chunks(soundfont, 12, len(soundfont))
    at = next((start for name, start, _ in lists if name == b"LIST" and soundfont[start : start + 4] == b"pdta"), None)
    if at is None:
        raise ValueError("a SoundFont without a pdta list")
    size = struct.unpack_from("<I", soundfont, at - 4)[0]
    tables = {name: soundfont[start : start + length] for name, start, length in _chunks(soundfont, at + 4, at + size)}
    tables[b"igen"], tables[b"shdr"] = _with_root_keys(tables)
    body = b"pdta" + b"".join(name + struct.pack("<I", len(table)) + table for name, table in tables.items())
    whole = soundfont[8 : at - 4] + struct.pack("<I", len(body)) + body + soundfont[at + size :]
    return b"RIFF" + struct.pack("<I", len(whole)) + whole


def _chunks(data: bytes, start: int, stop: int) -> list[tuple[bytes, int, int]]:
    """(name, where its content starts, how long it is) of the RIFF chunks in a stretch."""
    found = []
    while start + 8 <= stop:
        name, length = data[start : start + 4], struct.unpack_from("<I", data, start + 4)[0]
        found.append((name, start + 8, length))
        start += 8 + length + length % 2
    return found


def _with_root_keys(tables: dict[bytes, bytes]) -> tuple[bytes, bytes]:
    """The instrument generators and sample headers, rewritten."""
    instruments = np.frombuffer(tables[b"inst"], _INSTRUMENT)
    bags = np.frombuffer(tables[b"ibag"], _BAG)["generator"]
    generators = np.frombuffer(tables[b"igen"], _GENERATOR).copy()
    samples = np.frombuffer(tables[b"shdr"], _SAMPLE)
    headers = list(samples[:-1])
    known: dict[tuple[int, int], int] = {}
    for first, last in zip(instruments["bag"][:-1], instruments["bag"][1:], strict=True):
        default = -1
        for zone in range(int(first), int(last)):
            own = generators[bags[zone] : bags[zone + 1]]
            roots = own["amount"][own["kind"] == _ROOT_KEY]
            root = int(roots[-1]) if len(roots) else default
            places = np.flatnonzero(own["kind"] == _SAMPLE_ID)
            if not len(places):  # a zone without a sample holds the instrument's defaults
                default = root
                continue
            number = int(own["amount"][places[-1]])
            if not 0 <= root <= 127 or root == samples["pitch"][number]:
                continue
            if (number, root) not in known:
                header = samples[number].copy()
                header["pitch"] = root
                known[number, root] = len(headers)
                headers.append(header)
            own["amount"][places[-1]] = known[number, root]
    return generators.tobytes(), np.array([*headers, samples[-1]], dtype=_SAMPLE).tobytes()
