"""Servers that speak the protocol of S3: moto for its semantics, and nanio, which checks signatures."""

import os
import re
import secrets
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chat_core.storage.s3 import Bucket

ACCESS_KEY, SECRET_KEY, BUCKET = "fechatter", "a secret of the tests", "files"


@contextmanager
def moto() -> Iterator[Bucket]:
    """Within this process. It believes every signature."""
    from moto.server import ThreadedMotoServer  # takes a second, so not in what only collects tests

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield _bucket(f"http://{host}:{port}")
    finally:
        server.stop()


@contextmanager
def nanio(folder: Path, port: int = 0) -> Iterator[Bucket]:
    """Its data are in the folder, where another one finds them."""
    given = {"NANIO_ACCESS_KEY": ACCESS_KEY, "NANIO_SECRET_KEY": SECRET_KEY, "NANIO_DATA_DIR": str(folder)}
    process = subprocess.Popen(
        [sys.executable, "-m", "uvicorn", "nanio.app:build_app", "--factory", "--port", str(port)],
        env={**os.environ, **given},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    try:
        said = ""
        while (found := re.search(r"running on (http://[\d.]+:\d+)", said)) is None:
            line = process.stderr.readline()
            assert line, said
            said += line
        reader = threading.Thread(target=process.stderr.read)  # else it would wait for us
        reader.start()
        try:
            yield _bucket(found[1])
        finally:
            process.terminate()
            reader.join()
    finally:
        process.terminate()
        process.wait()
        process.stderr.close()


def _bucket(endpoint: str) -> Bucket:
    import boto3  # type: ignore[import-untyped]

    client = boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id=ACCESS_KEY,
        aws_secret_access_key=SECRET_KEY,
    )
    if not client.list_buckets()["Buckets"]:
        client.create_bucket(Bucket=BUCKET)
    return Bucket(BUCKET, endpoint, prefix=f"of/{secrets.token_hex(4)}/", access_key=ACCESS_KEY, secret_key=SECRET_KEY)
