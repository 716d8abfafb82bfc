"""When what was recorded is due in a replay: pure, without a clock."""

from __future__ import annotations

import math

RECORDED_SPEED = 1.0
MAX_SPEED = math.inf
"""Everything at once."""


def check_speed(speed: float) -> float:
    """The speed, if a replay can have it.

    Raises:
        ValueError: it is zero, negative or not a number.
    """
    if not speed > 0:
        raise ValueError(f"expected a replay speed above 0, such as 1 or 2.5, got {speed}")
    return speed


def due(time: float, speed: float, earliest: float = 0.0) -> float:
    """Seconds after the replayed request at which something recorded at this time is due.

    The wait for the first byte is scaled like every other. Times that run backwards, are
    negative or are no finite number, as in a damaged capture, give the earliest time allowed.

    Args:
        time: seconds from the recorded request.
        speed: 1.0 as recorded, 2.0 twice as fast, MAX_SPEED without any wait.
        earliest: when the piece before this one was due.
    """
    scaled = time / speed
    return max(earliest, scaled) if math.isfinite(scaled) else earliest
