"""How is a result shown to a person? Results in (harmless texts already), lines out."""
