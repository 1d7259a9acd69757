"""What is shown of links in messages: found in the text, fetched by a process of its own, stored in the message."""
