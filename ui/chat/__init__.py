"""The Chat tab: the page, its wires, one answer as it comes and as it stands, the panel of passages."""
