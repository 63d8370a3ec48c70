"""Back office for loyalty programmes. This package holds the wiring, the wire and the kit; domains stand beside it."""
