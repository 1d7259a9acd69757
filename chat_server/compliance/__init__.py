"""What people fetch of others' data for a case, and of their own."""
