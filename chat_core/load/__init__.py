"""How much is let in: parts of a quota that several processes share (leases), and clients that start cold (boots)."""
