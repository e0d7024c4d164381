"""The Library tab: indexes, documents, adding, trying a search, health."""
