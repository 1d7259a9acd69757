"""Mail that comes in: replies to notifications, and reports that a mail could not be delivered."""
