"""What pages contain: read at any version, changed by patches, copied, told in words, and shown as HTML."""
