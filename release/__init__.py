"""`make release`: what is published, and what it is made of."""
