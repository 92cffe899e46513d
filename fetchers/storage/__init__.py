"""The disk: store, record, archives, partial downloads. The only package that writes there."""
