"""From the settings to the stores."""

from chat_core.secret_files import SecretUnreadable, secret_in
from chat_core.settings import Settings, SettingsError, Storage
from chat_core.storage import s3
from chat_core.storage.blob_store import BlobStore
from chat_core.storage.blobs import DIRECTORY, S3, Blobs
from chat_core.storage.directory import Directory
from chat_core.storage.sealing import MasterKeyError, MasterKeys
from chat_core.storage.staging import Staging


def open_storage(settings: Settings) -> tuple[Blobs, Staging]:
    """The blobs, and the uploads that have not ended. Nothing is connected yet. Raises SettingsError."""
    storage = settings.storage
    folder = storage.directory or settings.data_dir / "files"
    directory = Directory(folder / "blobs", storage.reserve_bytes, group_reads=storage.x_accel_redirect is not None)
    stores: dict[str, BlobStore] = {DIRECTORY: directory}
    if storage.s3_bucket is not None:
        bucket = s3.Bucket(
            storage.s3_bucket,
            storage.s3_endpoint,
            storage.s3_region,
            storage.s3_prefix or "",
            storage.s3_access_key,
            _secret_of(storage),
        )
        try:
            stores[S3] = s3.S3(bucket)
        except ImportError:
            raise SettingsError("storage.s3_bucket is set: S3 needs the extra, pip install 'fechatter[s3]'") from None
    try:
        masters = MasterKeys.read(storage.encryption_key) if storage.encryption_key else None
    except MasterKeyError as error:
        raise SettingsError(f"storage.encryption_key: {error}") from None
    blobs = Blobs(stores, storage.kind, masters, folder / "sealing", storage.reserve_bytes)
    return blobs, Staging(folder / "uploads", storage.reserve_bytes)


def _secret_of(storage: Storage) -> str | None:
    """That of the bucket, if the settings say one."""
    if storage.s3_secret_key is not None:
        return storage.s3_secret_key.get_secret_value()
    try:
        return None if storage.s3_secret_key_file is None else secret_in(storage.s3_secret_key_file)
    except SecretUnreadable as error:
        raise SettingsError(f"storage.s3_secret_key_file: {error}") from None
