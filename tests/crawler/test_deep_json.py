from __future__ import annotations

import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crawler import deep_json

plain = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
values = st.recursive(plain, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=30)


@given(values, st.sampled_from([None, 1]))
def test_it_reads_what_json_reads(value: object, indent: int | None) -> None:
    text = json.dumps(value, indent=indent)
    assert deep_json.loads(text) == json.loads(text)


pieces = st.lists(st.sampled_from(["[", "]", "{", "}", ",", ":", '"a"', "1", " ", "true", "-", '"']), max_size=8)


@settings(max_examples=600)
@example("[,1]")
@example("[1,]")
@example('{"a":1,}')
@example('{"a" 1}')
@example('{"a":1 "b":2}')
@example("[1 2]")
@example("1,2")
@given(pieces.map("".join))
def test_it_refuses_what_json_refuses(text: str) -> None:
    try:
        expected = json.loads(text)
    except ValueError:
        with pytest.raises(ValueError, match=r"."):
            deep_json.loads(text)
    else:
        assert deep_json.loads(text) == expected


def test_depth_is_no_limit() -> None:
    found = deep_json.loads('{"children": [' * 50_000 + "1" + "]}" * 50_000)
    depth = 0
    while isinstance(found, dict):
        found, depth = found["children"][0], depth + 1
    assert depth == 50_000
