"""Make texts for other programs and for readers: BibTeX, HTML, calendars. Values in, text out."""
