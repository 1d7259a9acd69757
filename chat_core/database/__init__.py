"""PostgreSQL: its URL, the embedded one, the pool, named queries, migrations, and whether it can be written to."""
