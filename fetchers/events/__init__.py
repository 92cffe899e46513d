"""What people did: append it to the record, read it back, record consent."""
