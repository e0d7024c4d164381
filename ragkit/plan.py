"""`ragkit plan`: what a model needs and what fits, from its ``config.json`` alone."""
