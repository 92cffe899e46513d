"""How does a person type it? The only room that prints and asks."""
