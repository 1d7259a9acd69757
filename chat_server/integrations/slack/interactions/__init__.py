"""What people do with a bot's buttons, menus and dialogs, and how its programs answer."""
