"""The vocabularies the service knows: the built-in one, and those that somebody registered. None is ever changed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from integrations.experiments.locking import hold
from integrations.jobs.database import Database
from integrations.jobs.orders import LONGEST_TEXT
from integrations.jobs.tables import promotions, vocabularies
from scoring.errors import Conflict, InputError, UnknownChoice
from scoring.vocabulary import built_in_vocabulary, parse_vocabulary
from scoring.wishes.vocabulary import check_names

BUILT_IN = "built-in"
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")
_SHORTEST_HASH = 8  # hexadecimal digits that name a version


@dataclass(frozen=True, slots=True)
class VocabularyVersion:
    """A vocabulary. sha256: of its text, hexadecimal. text: "" is the one that this version of Cuesmith brings.

    is_current: False only for a built-in one of another version of Cuesmith, whose text is no longer here.
    """

    sha256: str
    name: str
    text: str
    created_s: float

    @property
    def is_current(self) -> bool:
        """Whether films can be read with it."""
        return bool(self.text) or self.sha256 == built_in_vocabulary().sha256


def register_vocabulary(database: Database, name: str, text: str) -> VocabularyVersion:
    """Keep a vocabulary file's text under a name; the same text under the same name again is no error.

    Raises InputError for a bad name, VocabularyError for a text that is no vocabulary, Conflict where the name means
    another text or the text has another name: versions stay what they were, so that ratings keep their meaning.
    """
    if not _NAME.fullmatch(name):
        raise InputError(f"the vocabulary's name is {name!r}", "Use 1 to 100 of a-z, 0-9, '.', '_' and '-'")
    if len(text) > LONGEST_TEXT:
        raise InputError(f"the vocabulary has {len(text)} characters", f"At most {LONGEST_TEXT} are taken")
    vocabulary = parse_vocabulary(text, f"the vocabulary {name}")
    check_names(vocabulary)
    with database.writing() as connection:
        hold(connection)
        built_in = ensure_built_in(database, connection)
        if vocabulary.sha256 == built_in.sha256:
            return built_in
        known = connection.execute(
            select(vocabularies).where((vocabularies.c.name == name) | (vocabularies.c.sha256 == vocabulary.sha256))
        ).all()
        for row in known:
            if row.name == name and row.sha256 == vocabulary.sha256:
                return version_of(row)
        if name == BUILT_IN or any(row.name == name for row in known):
            raise Conflict(f"the name {name!r} means another vocabulary", "Versions stay as they are: choose another")
        if known:
            raise Conflict(f"this vocabulary is known as {known[0].name!r}", "Use that name")
        made = _row(vocabulary.sha256, name, text, database.now_s(connection))
        connection.execute(insert(vocabularies).values(made))
        return VocabularyVersion(**made)


def list_vocabularies(database: Database) -> list[VocabularyVersion]:
    """Every version, the built-in one among them, the oldest first."""
    with database.writing() as connection:
        ensure_built_in(database, connection)
        rows = connection.execute(select(vocabularies).order_by(vocabularies.c.created_s, vocabularies.c.sha256)).all()
    return [version_of(row) for row in rows]


def find_vocabulary(database: Database, connection: Connection, said: str) -> VocabularyVersion:
    """A version by its name, or by 8 or more digits of its hash. connection: one that writes. Raises UnknownChoice."""
    built_in = ensure_built_in(database, connection)
    if said == BUILT_IN:
        return built_in
    rows = connection.execute(select(vocabularies)).all()
    found = [row for row in rows if row.name == said]
    if not found and len(said) >= _SHORTEST_HASH:
        found = [row for row in rows if row.sha256.startswith(said.lower())]
    if len(found) != 1:
        raise UnknownChoice.among("vocabulary", said[:100], sorted({BUILT_IN, *(row.name for row in rows)}))
    return version_of(found[0])


def ensure_built_in(database: Database, connection: Connection) -> VocabularyVersion:
    """The row of the vocabulary this version brings, made where it is missing. connection: one that writes."""
    sha256 = built_in_vocabulary().sha256
    row = connection.execute(select(vocabularies).where(vocabularies.c.sha256 == sha256)).one_or_none()
    if row is not None:
        return version_of(row)
    made = _row(sha256, BUILT_IN, "", database.now_s(connection))
    connection.execute(insert(vocabularies).values(made))
    return VocabularyVersion(**made)


def default_vocabulary(connection: Connection) -> VocabularyVersion:
    """What new films are read with: the last promotion that was not taken back, else the built-in one.

    A promoted built-in one of an earlier Cuesmith means today's: its text went with that version.
    """
    last = connection.execute(
        select(vocabularies)
        .join(promotions, promotions.c.vocabulary == vocabularies.c.sha256)
        .where(promotions.c.is_taken_back.is_(False))
        .order_by(promotions.c.id.desc())
        .limit(1)
    ).one_or_none()
    if last is not None and (version := version_of(last)).is_current:
        return version
    return VocabularyVersion(built_in_vocabulary().sha256, BUILT_IN, "", 0.0)


def version_of(row: Row[Any]) -> VocabularyVersion:
    """A row of the table."""
    return VocabularyVersion(row.sha256, row.name, row.text, row.created_s)


def _row(sha256: str, name: str, text: str, now_s: float) -> dict[str, Any]:
    return {"sha256": sha256, "name": name, "text": text, "created_s": now_s}
