"""Tests of the room that opens the workspace."""
