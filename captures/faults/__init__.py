"""Harm done to a stream on purpose, so that it can be named and repeated. Pure, and no decoder:
whoever may not parse a stream may harm it."""
