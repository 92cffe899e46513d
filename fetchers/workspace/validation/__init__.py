"""Check a catalogue and gather all its faults."""
