"""Yjs documents: their encoding, which is read without one (lib0.py, updates.py), and what takes a document, done by a
process beside the server (process.py, worker.py).
"""
