"""A module for each resource: the bodies that it accepts, the queries that it runs, and its handlers, in this order."""
