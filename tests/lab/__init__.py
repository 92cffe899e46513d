"""A lab's store: several accounts of one machine, one store."""
