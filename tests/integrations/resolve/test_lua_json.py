"""The script's own JSON, against Python's."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lua_resolve import RUNTIMES, LuaHost

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=5)
    ),
    max_leaves=30,
)


@cache
def host(runtime: str) -> LuaHost:
    return LuaHost(runtime)


def room(runtime: str) -> Any:
    return host(runtime).room("json")


@pytest.mark.parametrize("runtime", RUNTIMES)
@given(values)
def test_what_is_read_and_written_again_is_what_it_was(runtime: str, value: Any) -> None:
    lua = room(runtime)
    for text in (json.dumps(value), json.dumps(value, ensure_ascii=False, indent=1)):
        assert json.loads(lua.encode(lua.decode(text))) == value


@pytest.mark.parametrize("runtime", RUNTIMES)
@given(st.text(st.sampled_from('{}[],:"\\ \n\t01.-+eEtrufalsn/bx\x00é') | st.characters(exclude_categories=["Cs"])))
def test_what_python_refuses_is_refused(runtime: str, text: str) -> None:
    def constant(name: str) -> Any:
        raise ValueError(name)

    try:
        expected = json.loads(text, parse_constant=constant)
    except (ValueError, RecursionError):
        found = room(runtime).decode(text)
        assert isinstance(found, tuple)
        assert found[0] is None
        assert isinstance(found[1], str)
    else:
        found = room(runtime).decode(text)
        assert not isinstance(found, tuple)
        assert json.loads(room(runtime).encode(found)) == expected


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[1,\n 2,]", "no JSON in line 2"),
        ('{"a": 01}', "no JSON in line 1"),
        ('{"a" 1}', "a key without a : in line 1"),
        ("{a: 1}", "an object whose key is no text in line 1"),
        ('"\\x"', "an escape that JSON does not know in line 1"),
        ("1e999", "a number that is too large in line 1"),
        ("[" * 300 + "]" * 300, "JSON that is nested too deep in line 1"),
        ("true false", "more after the end in line 1"),
    ],
)
def test_a_mistake_is_said_with_its_line(text: str, problem: str) -> None:
    assert room("luajit21").decode(text) == (None, problem)


def test_half_a_pair_of_surrogates_becomes_the_replacement_character() -> None:
    assert room("lua51").decode('["\\ud83d\\ude00 \\ud83d \\ude00"]')[1] == "😀 \ufffd \ufffd"


@pytest.mark.parametrize("runtime", RUNTIMES)
@given(st.binary(max_size=60))
def test_bytes_that_are_no_utf8_spoil_no_document(runtime: str, data: bytes) -> None:
    escaped = "".join(f"\\{byte:03d}" for byte in data)
    text = host(runtime).lua.execute(f'return function(json) return json.encode("{escaped}") end')(room(runtime))
    found = json.loads(text)
    assert [c for c in found if c.isascii()] == [chr(byte) for byte in data if byte < 128]
    try:
        assert found == data.decode()
    except UnicodeDecodeError:
        assert "\ufffd" in found


def test_lists_of_the_program_are_lists_whatever_else_they_carry() -> None:
    lua = room("lua51")
    assert lua.encode(host("lua51").to_lua(["a", "b"])) == '["a","b"]'
    assert lua.encode(lua.array()) == "[]"
    assert lua.encode(host("lua51").lua.table()) == "{}"


@pytest.mark.parametrize("value", ["0/0", "1/0", "print", "{[1.5]=1}", "{a={b=function() end}}"])
def test_what_json_cannot_hold_is_an_error(value: str) -> None:
    with pytest.raises(Exception, match="JSON"):
        room("lua51").encode(host("lua51").lua.eval(value))
