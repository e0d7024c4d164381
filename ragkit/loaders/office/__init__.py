"""Office files: text documents, spreadsheets, presentations, of both families, and rich text."""
