"""Directories, over LDAP (RFC 4511): whose people sign in here by the password that they have there."""
