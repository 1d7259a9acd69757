"""SCIM 2.0 (RFC 7643, RFC 7644): directories of people say who has an account here, and who is in which group.

scim2-server speaks the protocol, scim2-models has its schemas, and `storage.py` keeps what a directory says. Both
libraries are imported only where the settings have a directory (`service.py`): they take most of a second.
"""
