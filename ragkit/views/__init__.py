"""Search structures derived from the store and rebuildable from it: vectors and words."""
