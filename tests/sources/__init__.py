"""The places, against servers of their kind on loopback."""
