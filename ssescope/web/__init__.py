"""The inspector in a browser of this machine."""
