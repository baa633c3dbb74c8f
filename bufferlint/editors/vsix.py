"""Packs the extension for VS Code: a zip archive with a manifest, as vsce writes it."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

SOURCE = Path(__file__).parent / "vscode"
FILES = ("out/extension.js", "readme.md", "out/licenses.md")
FALLBACK = "fallback.json"
"""Names the command that the extension falls back to, where the editor's own places have no bufferlint."""

_TYPES = """\
<?xml version="1.0" encoding="utf-8"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">\
<Default Extension=".json" ContentType="application/json"/>\
<Default Extension=".js" ContentType="application/javascript"/>\
<Default Extension=".md" ContentType="text/markdown"/>\
<Default Extension=".vsixmanifest" ContentType="text/xml"/></Types>
"""
_MANIFEST = """\
<?xml version="1.0" encoding="utf-8"?>
<PackageManifest Version="2.0.0" xmlns="http://schemas.microsoft.com/developer/vsx-schema/2011">
  <Metadata>
    <Identity Language="en-US" Id={name} Version={version} Publisher={publisher}/>
    <DisplayName>{label}</DisplayName>
    <Description xml:space="preserve">{description}</Description>
    <Tags>{tags}</Tags>
    <Categories>{categories}</Categories>
    <License>extension/out/licenses.md</License>
    <Properties>
      <Property Id="Microsoft.VisualStudio.Code.Engine" Value={engine}/>
      <Property Id="Microsoft.VisualStudio.Code.ExtensionKind" Value={kind}/>
    </Properties>
  </Metadata>
  <Installation><InstallationTarget Id="Microsoft.VisualStudio.Code"/></Installation>
  <Dependencies/>
  <Assets>
    <Asset Type="Microsoft.VisualStudio.Code.Manifest" Path="extension/package.json" Addressable="true"/>
    <Asset Type="Microsoft.VisualStudio.Services.Content.Details" Path="extension/readme.md" Addressable="true"/>
    <Asset Type="Microsoft.VisualStudio.Services.Content.License" Path="extension/out/licenses.md" Addressable="true"/>
  </Assets>
</PackageManifest>
"""


def manifest(version: str) -> dict[str, Any]:
    """The extension's ``package.json`` as it is packed: of this version, and without what only its build needs."""
    packed: dict[str, Any] = json.loads((SOURCE / "package.json").read_text(encoding="utf-8"))
    for key in ("private", "files", "scripts", "devDependencies"):
        packed.pop(key, None)
    numbers = re.match(r"\d+\.\d+\.\d+", version)
    packed["version"] = numbers[0] if numbers else "0.0.0"
    return packed


def vsix(version: str, fallback: Sequence[str]) -> bytes:
    """The archive. The same arguments give the same bytes."""
    packed = manifest(version)
    entries = {
        "[Content_Types].xml": _TYPES,
        "extension.vsixmanifest": _vsix_manifest(packed),
        "extension/package.json": f"{json.dumps(packed, indent=2)}\n",
        f"extension/{FALLBACK}": f"{json.dumps({'command': list(fallback)})}\n",
        **{f"extension/{name}": (SOURCE / name).read_text(encoding="utf-8") for name in FILES},
    }
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name, text in entries.items():
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, text.encode())
    return written.getvalue()


def _vsix_manifest(packed: dict[str, Any]) -> str:
    return _MANIFEST.format(
        name=quoteattr(packed["name"]),
        version=quoteattr(packed["version"]),
        publisher=quoteattr(packed["publisher"]),
        label=packed["displayName"],
        description=packed["description"],
        tags=",".join(packed["keywords"]),
        categories=",".join(packed["categories"]),
        engine=quoteattr(packed["engines"]["vscode"]),
        kind=quoteattr(",".join(packed["extensionKind"])),
    )
