"""Which places hand out data? One module per place."""
