"""A simulation of cells (docs/operations/scaling.md): real servers and real Postgres in each cell, and what a product
would have between them in its smallest form: a directory (directory.py), an edge through which people write and listen
(edge.py), and the move of a workspace with all its ids (move.py, copying.py). `make bench BENCH=cells` runs it."""
