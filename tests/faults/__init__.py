"""What must hold when the machine, the disk or the neighbour fails. `make faults` runs the long form."""
