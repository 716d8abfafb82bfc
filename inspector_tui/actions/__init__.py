"""What can be done with an exchange beside looking at it."""
