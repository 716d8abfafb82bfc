from __future__ import annotations

import pytest

from captures.records import Headers
from captures.retrying import retry_words
from tests.captures.by_hand import a_head, exchange_of

AGAIN, NEVER = "SDKs ask again", "SDKs do not ask again"


@pytest.mark.parametrize(
    ("status", "headers", "words"),
    [
        (400, (), NEVER),
        (401, (), NEVER),
        (404, (("retry-after", "3"),), NEVER),
        (408, (), AGAIN),
        (409, (), AGAIN),
        (500, (), AGAIN),
        (429, (), f"{AGAIN}, and no retry-after says when"),
        (503, (), f"{AGAIN}, and no retry-after says when"),
        (529, (("Retry-After", "12"),), f"{AGAIN}, after 12 s"),
        (429, (("retry-after", "0.5"),), f"{AGAIN}, after 0.5 s"),
        (429, (("retry-after", "9"), ("retry-after-ms", "1500")), f"{AGAIN}, after 1.5 s"),
        (
            429,
            (("retry-after", "Wed, 21 Oct 2026 07:28:00 GMT"),),
            f"{AGAIN}, after Wed, 21 Oct 2026 07:28:00 GMT",
        ),
        (429, (("x-should-retry", "false"), ("retry-after", "3")), NEVER),
        (400, (("X-Should-Retry", "true"),), AGAIN),
        (400, (("x-should-retry", "perhaps"),), NEVER),
    ],
)
def test_it_is_what_the_sdks_do(status: int, headers: Headers, words: str) -> None:
    assert retry_words(status, headers) == words


def test_value_of_a_peer_is_one_short_line() -> None:
    words = retry_words(429, (("retry-after", "soon\r\nx: " + "y" * 999),))

    assert "\n" not in words
    assert len(words) < 100


def test_first_of_two_fields_counts() -> None:
    headers = (("retry-after", "1"), ("retry-after", "2"))

    assert retry_words(429, headers).endswith("after 1 s")


def test_error_status_is_told_with_it() -> None:
    head = a_head(429, "Too Many Requests", (("retry-after", "7"),))

    [finding] = exchange_of([head]).findings

    assert finding.detail == "HTTP 429 Too Many Requests; SDKs ask again, after 7 s"
