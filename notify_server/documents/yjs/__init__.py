"""What is Yjs' own: rooms of people who edit one document, its updates, snapshots and awareness."""
