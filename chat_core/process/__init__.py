"""A process and its children: how they start and end, what they log and count."""
