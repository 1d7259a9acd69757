"""What both servers share: settings, logs, the connection pool, named queries, migrations, events, tokens and the
embedded Postgres. It must never import a server or the `fechatter` command."""
