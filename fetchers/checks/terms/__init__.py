"""Say what a licence allows."""
