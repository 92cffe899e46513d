"""Judge content, terms and access. Functions of values, without network and without writing."""
