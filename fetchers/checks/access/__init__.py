"""Decide from recorded events whether a dataset may be fetched, and what a person must do next."""
