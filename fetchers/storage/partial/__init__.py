"""Hold downloads that are under way."""
