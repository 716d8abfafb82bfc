"""The fault matrix: what can go wrong on either side, one row a fault."""
