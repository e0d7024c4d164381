"""The schema's history: Alembic scripts, run by the store when it opens a database of an older version."""

HEAD = "0005"  # the newest revision; a test holds it to the scripts
