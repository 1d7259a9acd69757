"""Exports of other systems as records of our archives: a module for each system, which reads and writes nothing."""
