"""Load generators of boards and pages: people who edit, and what they say to each server that is measured."""
