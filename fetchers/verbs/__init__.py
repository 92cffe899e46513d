"""What can be done? One short story per verb; none of them prints."""
