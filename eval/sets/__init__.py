"""Question sets: read from files, the primer, invented worlds."""
