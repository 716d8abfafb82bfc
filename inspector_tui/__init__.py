"""The face: a terminal application over captures."""
