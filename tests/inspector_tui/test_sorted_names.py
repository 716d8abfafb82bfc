from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from inspector_tui.sorted_names import SortedNames

NAMES = st.sampled_from("abcdef")
CHANGES = st.lists(st.tuples(NAMES, st.one_of(st.none(), st.integers(0, 3))), max_size=30)


@given(CHANGES, st.integers(0, 30))
def test_it_is_sorted_whatever_comes_and_goes(
    changes: list[tuple[str, int | None]], filled_after: int
) -> None:
    rows: SortedNames[tuple[float, str]] = SortedNames()
    expected: dict[str, int] = {}
    for index, (name, value) in enumerate(changes):
        if value is None:
            rows.drop(name)
            expected.pop(name, None)
        else:
            rows.put(name, (float(value), name))
            expected[name] = value
        if index == filled_after:
            keys = [(float(value), name) for name, value in expected.items()]
            rows.fill(list(expected), keys)
        wanted = sorted(expected, key=lambda name: (expected[name], name))
        assert list(rows) == wanted
        assert [rows.place(name) for name in wanted] == list(range(len(wanted)))
        assert [rows[place] for place in range(len(rows))] == wanted
        assert (name in rows) is (value is not None)
    assert rows.place("not there") is None
