"""Mails: their texts, their links, and the queue from which they are sent."""
