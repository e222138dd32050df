"""Fields, nodes, lengths and dictionaries of the national interface as data; `catalogue` reads it once."""
