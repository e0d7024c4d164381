"""Files that hold files: archives, books, mail; each part is read as what it is, within the limits of the whole."""
