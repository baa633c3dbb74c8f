"""What names mean across files, and which files are read to tell it."""

from __future__ import annotations

from bufferlint.resolution.names import Names
from bufferlint.resolution.references import Namespace
from bufferlint.syntax.reader import SyntaxReader
from tests.memory import MemoryWorkspace, at

PACKAGE = {
    "net/__init__.py": "from .models import *\n",
    "net/models/__init__.py": "from .one import *\nfrom .two import *\n",
    "net/models/one.py": "def tools():\n    pass\n",
    "net/models/two.py": "y = 1\n",
    "net/tools.py": "def fill(t):\n    return t\n",
    "train.py": "from net import tools, y\n",
}


def test_a_module_of_a_package_comes_before_what_its_star_imports_bring() -> None:
    reader = SyntaxReader(MemoryWorkspace(PACKAGE))

    assert Names(reader).lookup(at("train.py"), "tools") == Namespace(at("net/tools.py"))
    assert at("net/models/one.py") not in reader.outlines()


def test_what_no_module_is_called_is_looked_for_behind_the_stars() -> None:
    reader = SyntaxReader(MemoryWorkspace(PACKAGE))

    found = Names(reader).lookup(at("train.py"), "y")
    assert found is not None
    assert getattr(found, "path", None) == at("net/models/two.py")


def test_a_file_that_is_only_looked_for_is_not_outlined() -> None:
    reader = SyntaxReader(MemoryWorkspace({"net/__init__.py": "", "net/a.py": "", "net/b.py": "from . import a\n"}))

    assert Names(reader).module(at("net/b.py"), "net.a") == at("net/a.py")
    assert reader.outlines() == {}
