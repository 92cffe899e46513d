"""Hand on what is held: to a bucket, or as a folder or a description for other programs."""
