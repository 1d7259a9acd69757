"""The Yjs part: rooms of people who edit one document, its updates, snapshots and awareness."""
