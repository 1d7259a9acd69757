"""Archives: workspaces as files. docs/import/format.md describes the format.

records.py has its records; source.py reads the files that people bring, with limits; reading.py checks records.
"""
