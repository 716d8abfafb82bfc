"""One file a protocol: events to a message, and what is out of order."""
