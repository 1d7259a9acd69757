"""What was made for Slack, here: its payloads, its Web API, and what it sends to bots; docs/integrations/slack.md."""
