"""The disk wing, on a real disk."""
