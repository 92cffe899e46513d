"""Check what is held: the bytes, the headers, the terms, and other folders."""
