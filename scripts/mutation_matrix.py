"""Prints how many damaged recordings are told, a row a dialect and mutation, as Markdown.

Run with ``python -m scripts.mutation_matrix``. It needs the recordings that the tests use; what
is expected of each damage, and what nothing can tell, stands in tests/captures/damage_matrix.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from tests.captures.damage_matrix import trials_of
from tests.captures.stream_damage import specimens


def rows() -> Iterator[str]:
    """The rows of the table."""
    for dialect, recordings in specimens().items():
        counts: dict[str, Counter[str]] = {}
        for specimen in recordings:
            for trial in trials_of(specimen):
                count = counts.setdefault(trial.mutation, Counter())
                result = "told" if trial.told else "excused" if trial.excuse else "missed"
                count[result] += 1
        for mutation, count in counts.items():
            cells = (count["told"], count["excused"], count["missed"], count.total())
            yield f"| {dialect} | {mutation} | {' | '.join(map(str, cells))} |"


def main() -> None:
    """Prints the table."""
    print("| dialect | damage | told | cannot be told | missed | in all |")
    print("|---|---|---|---|---|---|")
    for row in rows():
        print(row)


if __name__ == "__main__":
    main()
