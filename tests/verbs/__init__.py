"""The stories, told against real servers on loopback."""
