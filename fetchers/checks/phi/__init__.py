"""Find what may identify a person."""
