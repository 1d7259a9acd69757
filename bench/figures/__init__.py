"""What a benchmark returns and how it is printed, how comparisons take turns, and what limited a measurement."""
