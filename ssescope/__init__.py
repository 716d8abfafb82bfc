"""The front doors: the command line and plain-text reports."""
