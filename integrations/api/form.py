"""multipart/form-data read as it comes: the one file in it is passed on, nothing is kept (RFC 7578)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from scoring.errors import InputError

FIELD = "file"
_MOST_PARTS = 100
_MOST_HEADER_BYTES = 16 << 10  # of one part
_MOST_OTHER_BYTES = 64 << 10  # of all fields that are not the file
_LONGEST_BOUNDARY = 200


@dataclass(slots=True)
class _Part:
    """What the parser's callbacks hear of the part they are in."""

    names: list[bytes] = field(default_factory=list)
    values: list[bytes] = field(default_factory=list)
    header_bytes: int = 0


class Form:
    """One form. name: what the client calls the file, known once the first of its bytes came; None before."""

    def __init__(self, content_type: str) -> None:
        """Raises InputError for a content type that is not a form with a boundary."""
        kind, options = parse_options_header(content_type)
        boundary = options.get(b"boundary", b"")
        if kind != b"multipart/form-data" or not 0 < len(boundary) <= _LONGEST_BOUNDARY:
            raise InputError(
                "the body is not a form with a boundary", "Send multipart/form-data with the film as its field `file`"
            )
        self.name: str | None = None
        self._parts = self._other_bytes = 0
        self._part = _Part()
        self._is_file = self._is_over = False
        self._found = bytearray()
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin,
                "on_header_begin": self._header_begin,
                "on_header_field": self._header_name,
                "on_header_value": self._header_value,
                "on_headers_finished": self._headers,
                "on_part_data": self._data,
                "on_end": self._end,
            },
        )

    async def file(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """The file's bytes, empty ones too. Raises InputError for what is no form, or has no file or two in it."""
        async for chunk in chunks:
            try:
                self._parser.write(chunk)
            except FormParserError as error:
                raise InputError(f"the form cannot be read: {error}"[:200], "Send it as RFC 7578 has it") from error
            found = bytes(self._found)
            self._found.clear()
            if self.name is not None:
                yield found
        if self.name is None:
            raise InputError(f"the form has no file in a field {FIELD!r}", "Send the film there")
        if not self._is_over:
            raise InputError("the form breaks off", "Send it whole")

    def _begin(self) -> None:
        self._parts += 1
        if self._parts > _MOST_PARTS:
            raise InputError(f"the form has more than {_MOST_PARTS} fields", f"Only {FIELD!r} is looked at")
        self._part = _Part()
        self._is_file = False

    def _header_begin(self) -> None:
        self._part.names.append(b"")
        self._part.values.append(b"")

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._count_header(end - start)
        self._part.names[-1] += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._count_header(end - start)
        self._part.values[-1] += data[start:end]

    def _count_header(self, count: int) -> None:
        self._part.header_bytes += count
        if self._part.header_bytes > _MOST_HEADER_BYTES:
            raise InputError("a field of the form has too long headers", f"At most {_MOST_HEADER_BYTES} bytes")

    def _headers(self) -> None:
        named = {name.lower(): value for name, value in zip(self._part.names, self._part.values, strict=True)}
        _, options = parse_options_header(named.get(b"content-disposition", b""))
        if options.get(b"name") == FIELD.encode():
            if self.name is not None:
                raise InputError(f"the form has two fields {FIELD!r}", "Send one film")
            self._is_file = True
            self.name = options.get(b"filename", b"").decode("utf-8", "replace")

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._is_file:
            self._found += data[start:end]
            return
        self._other_bytes += end - start
        if self._other_bytes > _MOST_OTHER_BYTES:
            raise InputError("the form's other fields are too long", f"Only {FIELD!r} is looked at")

    def _end(self) -> None:
        self._is_over = True
