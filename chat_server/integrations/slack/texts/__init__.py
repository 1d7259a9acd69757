"""Text in Slack's forms, as ours and back: mrkdwn, rich text, names of emoji, and whole payloads."""
