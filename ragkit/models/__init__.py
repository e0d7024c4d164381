"""What is known of a model before it is loaded: where its files are, what it needs, what fits."""
