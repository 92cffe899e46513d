"""The types that a user's script sees."""
