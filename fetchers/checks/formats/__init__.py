"""Say what kind of file some bytes are, and whether they are whole."""
