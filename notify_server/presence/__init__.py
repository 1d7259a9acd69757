"""Who is there and who is typing: told and not kept."""
