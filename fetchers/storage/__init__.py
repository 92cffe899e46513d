"""What lies on the disk, and what does the record say of it? The only wing that writes."""
