"""Does the transport wing do what the contract says? Real sockets on loopback, and pure functions by their values."""
