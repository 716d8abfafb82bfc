"""The commands, by what they do. Each imports what it needs when it runs."""
