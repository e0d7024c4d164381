"""Who may enter: the guard before every route, users and keys, logins and their sessions, what a page may load."""
