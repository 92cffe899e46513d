"""How do the bytes come over the network? The only wing that speaks."""
