"""What a user names, found: the single sources behind paths, folders, globs, URLs and records."""
