"""Tests of the transport: real sockets on loopback, and pure functions by their values."""
