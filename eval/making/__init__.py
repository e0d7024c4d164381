"""Question sets made of a user's own documents: `ragkit eval make`."""
