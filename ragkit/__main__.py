"""`python -m ragkit`: the command line."""

from .cli import main

main()
