"""Whether the store holds what it should: what may go in, a checksum for each row, every rule tried."""
