"""The record of what is held: SQLite, its journal and the chain of events."""
