"""A vocabulary of this project's own making that passes for the real one: its counts and special ids, invented words.

Every letter is a token, so are all pairs and many triples of letters; anything else it spells letter by letter.
"""

from __future__ import annotations

import itertools
import json
import string
from pathlib import Path
from typing import Any

from music_engine.ace_step.lyrics.tables import vocabulary_facts

_OTHERS = string.digits + string.punctuation + "äöüßéèêàâçñáíóúãõ—…"


def special_tokens() -> dict[str, int]:
    """The 33 by their text, written out from the documented ids."""
    facts = vocabulary_facts()
    languages = {"[zh-cn]" if name == "zh" else f"[{name}]": id_ for name, id_ in facts.languages.items()}
    structure = {f"[{name}]": id_ for name, id_ in facts.structure.items()}
    return {"[STOP]": 0, "[UNK]": 1, "[SPACE]": 2, "[START]": 261, **languages, **structure}


def vocabulary() -> dict[str, Any]:
    """The file's content."""
    facts = vocabulary_facts()
    pairs = ["".join(pair) for pair in itertools.product(string.ascii_lowercase, repeat=2)]
    triples = ["".join(triple) for triple in itertools.product(string.ascii_lowercase, repeat=3)]
    triples = triples[: (facts.merges - len(pairs)) // 2]
    merges = [f"{pair[0]} {pair[1]}" for pair in pairs]
    merges += [f"{word[0]} {word[1:]}" for word in triples] + [f"{word[:2]} {word[2]}" for word in triples]
    special = special_tokens()
    inside = {text: id_ for text, id_ in special.items() if id_ < facts.entries}
    words = [*string.ascii_lowercase, *_OTHERS, *pairs, *triples]
    fillers = (f"<{index}>" for index in itertools.count())
    free = [id_ for id_ in range(facts.entries) if id_ not in set(inside.values())]
    entries = dict(zip(itertools.chain(words, fillers), free, strict=False)) | inside
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [
            {
                "id": id_,
                "special": True,
                "content": text,
                "single_word": False,
                "lstrip": False,
                "rstrip": False,
                "normalized": False,
            }
            for text, id_ in special.items()
        ],
        "normalizer": None,
        "pre_tokenizer": {"type": "Whitespace"},
        "post_processor": None,
        "decoder": None,
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": "[UNK]",
            "continuing_subword_prefix": None,
            "end_of_word_suffix": None,
            "fuse_unk": False,
            "vocab": entries,
            "merges": merges,
        },
    }


def vocabulary_bytes() -> bytes:
    """The file, as one would fetch it."""
    return json.dumps(vocabulary(), ensure_ascii=False).encode("utf-8")


def write_vocabulary(folder: Path) -> Path:
    """vocab.json in that folder."""
    path = folder / "vocab.json"
    path.write_bytes(vocabulary_bytes())
    return path
