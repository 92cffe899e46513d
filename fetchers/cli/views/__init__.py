"""Turn results into lines for a person."""
