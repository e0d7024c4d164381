"""An index's vectors as a table that PostgreSQL searches itself, with pgvector or VectorChord."""
