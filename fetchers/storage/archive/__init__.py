"""Read zip and tar archives that strangers made."""
