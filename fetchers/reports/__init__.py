"""How is it told to others? Values in, text out."""
