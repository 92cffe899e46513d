"""Is it what it should be, and may it be used so? Judges values and touches nothing."""
