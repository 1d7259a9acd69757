"""What describes the events of sinks is as the models are, and as AsyncAPI itself says that such a document must be."""

import json
from pathlib import Path

import jsonschema_rs
import pytest

from delivery_server.sinks.kinds import FOR_SINKS
from release.event_documents import FOLDER, documents

ROOT = Path(__file__).parents[2]
SPECIFICATION = ROOT / "tests" / "node" / "node_modules" / "@asyncapi" / "specs" / "schemas" / "3.0.0-without-$id.json"


@pytest.mark.skipif(not SPECIFICATION.exists(), reason="npm is needed, which installs AsyncAPI's schema")
def test_the_document_is_an_asyncapi_document() -> None:
    judge = jsonschema_rs.Draft7Validator(json.loads(SPECIFICATION.read_text()))
    document = documents()["asyncapi.json"]
    assert [error.message for error in judge.iter_errors(document)] == []
    messages = document["channels"]["kafka"]["messages"]
    assert messages.keys() == FOR_SINKS | {"reset"}
    document["channels"]["kafka"]["messages"] = ["NewMessage"]
    assert list(judge.iter_errors(document))


def test_the_documents_are_as_the_models_are() -> None:
    """`make check` says so, too."""
    for name, document in documents().items():
        assert json.loads((FOLDER / name).read_text()) == document, "run `make openapi`"
