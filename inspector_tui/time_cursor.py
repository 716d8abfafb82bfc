"""A cursor along the stream that steps through its events, or plays them as they came."""

from __future__ import annotations

from inspector_tui.density import Density

SPEEDS: tuple[float | None, ...] = (1.0, 2.0, 8.0, None)
"""Times the speed of the recording; None is as fast as it can be drawn."""

SHARE_AT_FULL_SPEED = 60
"""At full speed a whole stream is played in so many steps."""


class TimeCursor:
    """Where the player is, on a clock that is passed in. Mutable."""

    def __init__(self) -> None:
        self.is_on = False
        """Whether the views show the moment of the cursor."""
        self.is_playing = False
        self._speed = 0
        self._from_time = 0.0
        self._since = 0.0

    @property
    def speed_words(self) -> str:
        """The speed such as ``2x``, or ``max``."""
        speed = SPEEDS[self._speed]
        return "max" if speed is None else f"{speed:.0f}x"

    def play(self, time: float, now: float) -> None:
        """Plays from a moment of the stream on.

        Args:
            time: the moment, in seconds since the request.
            now: a monotonic clock, in seconds.
        """
        self.is_playing = True
        self._from_time, self._since = time, now

    def pause(self) -> None:
        """Stays where it is."""
        self.is_playing = False

    def leave(self) -> None:
        """The views show again what there is now."""
        self.is_on = self.is_playing = False

    def next_speed(self, time: float, now: float) -> None:
        """Takes the next speed; what plays goes on from this moment."""
        self._speed = (self._speed + 1) % len(SPEEDS)
        if self.is_playing:
            self.play(time, now)

    def advance(self, density: Density, event: int, now: float) -> int:
        """The event the player has come to; it pauses at the last one.

        Args:
            density: the times of the events.
            event: where it was.
            now: the clock of ``play``.
        """
        if not self.is_playing or not len(density):
            return event
        speed = SPEEDS[self._speed]
        if speed is None:
            come_to = event + max(1, len(density) // SHARE_AT_FULL_SPEED)
        else:
            come_to = density.event_at(self._from_time + (now - self._since) * speed)
        come_to = min(max(event, come_to), len(density) - 1)
        if come_to == len(density) - 1:
            self.pause()
        return come_to
