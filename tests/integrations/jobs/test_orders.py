"""Orders are read whole or refused with the field's name."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.jobs.orders import KINDS, Order, check_order, read_order
from scoring.errors import CuesmithError, InputError

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30)
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner)
)
FIELDS = st.sampled_from(["style", "engine", "seed", "only", "no_music", "bpm", "key", "takes", "stems", "instruments"])
WISHES = st.fixed_dictionaries(
    {},
    optional={
        "style": st.sampled_from(["cinematic", "ambient"]),
        "engine": st.sampled_from(["auto", "composer", "ace-step-v1", "ace-step-base"]),
        "loudness": st.sampled_from(["web", "podcast"]),
        "seed": st.integers(0, 2**31 - 1),
        "dialogue": st.sampled_from(["duck", "keep", "replace"]),
        "clearance_lu": st.floats(0, 30),
        "only": st.tuples(st.floats(0, 100), st.floats(101, 1000)).map(list),
        "bpm": st.floats(50, 180),
        "key": st.sampled_from(["D minor", "F# lydian"]),
        "prompt": st.text(st.characters(min_codepoint=32, exclude_categories=["Cs"]), max_size=50),
        "takes": st.integers(1, 9),
    },
)


@given(WISHES)
def test_an_order_comes_back_from_its_own_json(wish: dict[str, Any]) -> None:
    order = read_order({"kind": "score", "wish": wish})
    again = read_order(json.loads(json.dumps(order.to_json())))
    assert again == order
    assert again.digest() == order.digest()


@given(ANYTHING)
def test_no_document_is_anything_but_read_or_refused(document: Any) -> None:
    for given_document in (document, {"wish": document}, {"kind": "music", "music": document}, {"texts": document}):
        with contextlib.suppress(InputError):
            assert isinstance(read_order(given_document), Order)


@given(FIELDS, ANYTHING)
def test_no_value_of_a_field_gets_past_the_error_tree(name: str, value: Any) -> None:
    refusal = f"wish.{name}"
    try:
        read_order({"wish": {name: value}})
    except CuesmithError as error:
        refusal = error.what
    assert f"wish.{name}" in refusal


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ([], "object"),
        ({"kind": "dance"}, "dance"),
        ({"wish": {"stile": "x"}}, "stile"),
        ({"wish": {"style": "polka-core"}}, "polka-core"),
        ({"wish": {"engine": "../../etc"}}, "etc"),
        ({"wish": {"seed": -1}}, "-1"),
        ({"wish": {"seed": True}}, "True"),
        ({"wish": {"clearance_lu": float("nan")}}, "nan"),
        ({"wish": {"only": [5, 5]}}, "5"),
        ({"wish": {"bpm": "fast"}}, "fast"),
        ({"wish": {"key": "H major"}}, "H major"),
        ({"wish": {"prompt": "a\x00b"}}, "control"),
        ({"wish": {"prompt": "x" * 5000}}, "5000"),
        ({"wish": {"takes": 10}}, "10"),
        ({"kind": "spot", "wish": {"takes": 2}}, "takes"),
        ({"kind": "compose_cue"}, "sheet"),
        ({"kind": "music"}, "duration_s"),
        ({"kind": "music", "music": {"duration_s": 9}}, "9"),
        ({"kind": "music", "music": {"duration_s": 30, "output_format": "exe"}}, "exe"),
        ({"schema": "cuesmith.order/9"}, "order/9"),
        ({"wish": {"checkpoint": "/etc/passwd"}}, "checkpoint"),
    ],
)
def test_a_refusal_names_what_was_found(document: Any, words: str) -> None:
    with pytest.raises(InputError) as caught:
        read_order(document)
    assert words in str(caught.value)
    assert caught.value.advice


def test_every_kind_can_be_ordered() -> None:
    needs: dict[str, dict[str, Any]] = {
        "music": {"music": {"duration_s": 20}},
        "compose_cue": {"texts": {"sheet": "{}"}, "cue": "1m1"},
    }
    assert [read_order({"kind": kind, **needs.get(kind, {})}).kind for kind in KINDS] == list(KINDS)


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"wish": {"mood": "sleepyish"}}, "sleepyish"),
        ({"wish": {"instruments": ["piano", "kazoophone"]}}, "kazoophone"),
        ({"texts": {"vocabulary": "nonsense ="}}, "vocabulary"),
        ({"texts": {"sheet": "{"}}, "sheet"),
        ({"texts": {"edit": '{"cuts": [{"time_s": -1}]}'}}, "texts.edit: cuts[0]: time_s"),
        ({"kind": "music", "music": {"duration_s": 20}, "wish": {"mood": "calm"}}, "wish.mood"),
    ],
)
def test_what_would_fail_a_unit_later_is_refused_at_the_door(document: Any, words: str) -> None:
    with pytest.raises(InputError) as caught:
        check_order(read_order(document))
    assert words in str(caught.value).lower()
