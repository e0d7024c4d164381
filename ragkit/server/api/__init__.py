"""The own API: answers, indexes, documents, uploads."""
