"""Where the bytes of files are: blobs, each under a key that is never used again, so a store needs no locks.

Bytes are in the store before their row is in the database, and go after it has gone. See docs/adr/0035-files.md.
"""

from chat_core.storage.blob_store import BlobMissing, BlobStore, Stored, StoreUnavailable
from chat_core.storage.directory import Directory
from chat_core.storage.staging import Digest, Part, Staging, UploadBusy

__all__ = [
    "BlobMissing",
    "BlobStore",
    "Digest",
    "Directory",
    "Part",
    "Staging",
    "StoreUnavailable",
    "Stored",
    "UploadBusy",
]
