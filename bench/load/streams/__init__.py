"""Load generators that receive: streams, rooms of other servers, nodes that read the log; and what they check."""
