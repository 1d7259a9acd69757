"""The SBOM (CycloneDX 1.6) of an installation: its Python packages, and the packages bundled into the pages.

Python packages are the wheel's dependencies, direct and indirect, at the locked and tested versions.
"""

import hashlib
import re
import uuid
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path

from cyclonedx.factory.license import LicenseFactory
from cyclonedx.model import HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from release.packages import direct, needed_by

ROOT = Path(__file__).parent.parent
# The first line of each bundle of `make vendor` lists its contents.
BUNDLES = ("web/vendor/yjs.js", "web/vendor/preact.js", "chat_core/documents/javascript/vendor/yjs.js")
SWAGGER_UI = "web/vendor/swagger-ui/swagger-ui-bundle.js"


def text(version: str) -> str:
    """The SBOM of this version as JSON; the same for the same packages."""
    ours = distribution("fechatter")
    packages = needed_by(ours.requires or ())
    root = Component(
        name="fechatter",
        version=version,
        type=ComponentType.APPLICATION,
        bom_ref=f"fechatter@{version}",
        purl=PackageURL("pypi", None, "fechatter", version),
        licenses=[LicenseFactory().make_from_string("Apache-2.0")],
    )
    bom = Bom(serial_number=uuid.uuid5(uuid.NAMESPACE_URL, f"fechatter {version}"))
    bom.metadata.component = root
    components = {name: _of_python(name, package) for name, package in packages.items()}
    inside = list(_of_pages())
    bom.components.update([*components.values(), *inside])
    bom.register_dependency(root, [*(components[name] for name, _ in direct(ours.requires or ())), *inside])
    for name, package in packages.items():
        needs = [components[need] for need, _ in direct(package.requires or ()) if need in components]
        bom.register_dependency(components[name], needs)
    return JsonV1Dot6(bom).output_as_string(indent=1) + "\n"


def _of_python(name: str, package: Distribution) -> Component:
    said = [package.metadata[field] for field in ("License-Expression", "License") if field in package.metadata]
    short = next((text for text in said if "\n" not in text), None)  # a complete licence text is not a name
    return Component(
        name=name,
        version=package.version,
        type=ComponentType.LIBRARY,
        bom_ref=f"{name}@{package.version}",
        purl=PackageURL("pypi", None, name, package.version),
        licenses=[LicenseFactory().make_from_string(short)] if short else [],
    )


def _of_pages() -> Iterator[Component]:
    """What browsers run, and what the documents' process runs."""
    found = set()
    for bundle in BUNDLES:
        first = (ROOT / bundle).read_text().partition("\n")[0]
        found |= set(re.findall(r"(@?[\w./-]+) (\d[\w.-]*\w)", first.partition(". Made by")[0]))
    for name, version in sorted(found):
        scope, _, bare = name.rpartition("/")
        purl = PackageURL("npm", scope or None, bare, version)
        yield Component(
            name=name, version=version, type=ComponentType.LIBRARY, bom_ref=f"npm:{name}@{version}", purl=purl
        )
    digest = hashlib.sha256((ROOT / SWAGGER_UI).read_bytes()).hexdigest()
    yield Component(
        name="swagger-ui",
        type=ComponentType.LIBRARY,
        bom_ref="npm:swagger-ui",
        hashes=[HashType.from_hashlib_alg("sha256", digest)],
        licenses=[LicenseFactory().make_from_string("Apache-2.0")],
    )
