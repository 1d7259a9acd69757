"""A module of typed calls for each resource."""
