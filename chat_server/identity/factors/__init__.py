"""What second factors are made of: codes by time, and codes for when a factor is lost."""
