"""Where the bytes of files are: blobs, each under a key that is never used again, so a store needs no locks.

Bytes are in the store before their row is in the database, and go after it has gone. See docs/adr/0035-files.md and
docs/adr/0043-stores.md.
"""

from chat_core.storage.blob_store import BlobDamaged, BlobMissing, BlobStore, Stored, StoreUnavailable
from chat_core.storage.blobs import Blob, Blobs
from chat_core.storage.directory import Directory
from chat_core.storage.opening import open_storage
from chat_core.storage.staging import Digest, Part, Staging, UploadBusy

__all__ = [
    "Blob",
    "BlobDamaged",
    "BlobMissing",
    "BlobStore",
    "Blobs",
    "Digest",
    "Directory",
    "Part",
    "Staging",
    "StoreUnavailable",
    "Stored",
    "UploadBusy",
    "open_storage",
]
