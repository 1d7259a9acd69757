"""Search: what words a text has, what a query asks for, and the index that follows the log (docs/search/)."""
