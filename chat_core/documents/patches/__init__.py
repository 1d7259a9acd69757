"""JSON Patch (RFC 6902) for pages: patches applied in place and atomically, with their inverses and effects.

Documents and patches are what msgspec decodes from JSON: dict, list, str, int, float, bool, None. Nothing here does
I/O. The same in JavaScript is in web/lib/patches, and tests/chat_core/documents/patches compares the two.

| module | what it has |
|---|---|
| `patch` | `apply`, `revert`, and why a patch is refused |
| `effects` | what a patch has read and written, and whether two patches conflict (docs/pages/conflicts.md) |
| `admission` | `admit`: whether a patch may become a page's next version, for REST and sockets alike |
| `history` | `settle` a stored patch, and `fold` patches into a document at another version |
| `schema` | what a page must look like |
| `canonical` | one text for equal documents, their `checksum`, and a patch's `digest` |
| `difference` | a patch from one document to another |
| `pointers`, `values` | JSON Pointer (RFC 6901); equality, copies and bounds of values |
"""
