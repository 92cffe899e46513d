"""What several sources read in the same way: pages of a listing, citations, the addresses of records."""
