"""What nothing can go below here: the least that takes a POST and commits it, and the least that writes to sockets."""
