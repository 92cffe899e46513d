"""The commands: one file each. None of them prints."""
