"""Names across files: imports, re-exports, relative imports and star imports, safe against cycles."""

from __future__ import annotations

import builtins
import posixpath
import sys

from bufferlint.ir.definitions import Outline
from bufferlint.ir.reader import Reader
from bufferlint.resolution.references import ClassRef, External, FunctionRef, GlobalRef, Namespace, Reference
from bufferlint.torch_model import api as torch_api

_FOREIGN = frozenset(sys.stdlib_module_names) | {"torch", "numpy", "scipy", "einops", "pytest"}
"""Top-level names never looked for in the project, unless the asking file belongs to such a package itself."""


class Names:
    """Resolves names of the project's files; every answer is kept."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._modules: dict[tuple[str, str], str | None] = {}
        self._found: dict[tuple[str, str, str], Reference | None] = {}
        self._members: dict[str, dict[str, Reference]] = {}
        self._indexes: dict[str, _Index] = {}

    def outline(self, path: str) -> Outline | None:
        found = self._reader.outline(path)
        return found if isinstance(found, Outline) else None

    def lookup(self, path: str, name: str, scope: str = "") -> Reference | None:
        """Returns what a plain name means in a file; ``scope`` is the qualified name of the function that asks."""
        key = (path, name, scope)
        if key not in self._found:
            self._found[key] = None  # a cycle of imports ends here
            self._found[key] = self._lookup(path, name, scope)
        return self._found[key]

    def dotted(self, path: str, dotted: str, scope: str = "") -> Reference | None:
        """Returns what ``a.b.c`` means in a file."""
        first, *rest = dotted.split(".")
        found = self.lookup(path, first, scope)
        for attribute in rest:
            if found is None:
                return None
            found = self.member(found, attribute, path)
        return found

    def member(self, of: Reference, attribute: str, path: str) -> Reference | None:
        """Returns what ``of.attribute`` means, in the file ``path``, when ``of`` is a module, a class or something
        external."""
        if isinstance(of, External):
            name = f"{of.name}.{attribute}"
            if torch_api.named(name) is not None:
                return External(name)
            module = self.module(path, name) if path else None  # a package without an __init__.py is no file itself
            return Namespace(module) if module else External(name)
        if isinstance(of, Namespace):
            found = self.lookup(of.path, attribute) or self._submodule(of.path, attribute)
            package = self._name_in_torch(of.path)
            return External(f"{package}.{attribute}") if found is None and package else found
        if isinstance(of, ClassRef):
            inner = self._index(of.path).classes.get(f"{of.header.qualname}.{attribute}")
            if inner is not None:
                return inner
            method = of.header.method(attribute)
            return FunctionRef(of.path, method, of) if method else None
        return None

    def _lookup(self, path: str, name: str, scope: str) -> Reference | None:
        self._reader.looked_up(path, name)
        outline = self.outline(path)
        if outline is None:
            return None
        if scope:
            found = self._local(path, name, scope)
            return found if found is not None else self.lookup(path, name, scope.rpartition(".<locals>.")[0])
        package = self._name_in_torch(path)
        if package and torch_api.named(f"{package}.{name}") is not None:
            return External(f"{package}.{name}")  # torch's own source: what is known of it is more than its code tells
        if path not in self._members:
            self._members[path] = self._table(path, outline)
        found = self._members[path].get(name)
        if found is not None:
            return found
        targets = self._index(path).imports.get(("", name), [])
        for target in targets:
            found = self.target(path, target)
            if found is not None and not isinstance(found, External):
                return found
        if targets:
            return self.target(path, targets[0])
        submodule = self._submodule(path, name) if outline.stars else None
        if submodule is not None:
            return submodule  # before the files of all star imports are looked into
        for star in outline.stars:
            module = self.module(path, star)
            found = self.lookup(module, name) if module and module != path else None
            if found is not None:
                return found
        return self._exported_by_torch(outline, name)

    def _exported_by_torch(self, outline: Outline, name: str) -> Reference | None:
        for star in outline.stars:
            if star.partition(".")[0] == "torch" and torch_api.named(f"{star}.{name}") is not None:
                return External(f"{star}.{name}")
        return None

    def aliased(self, of: GlobalRef) -> Reference | None:
        """Returns what ``Base = nn.Module`` at module level stands for; None when the value is no plain name."""
        from bufferlint.ir.expressions import Name, dotted
        from bufferlint.ir.statements import Assign

        statement = self._reader.statement(of.path, of.name)
        if isinstance(statement, Assign) and len(statement.targets) == 1 and isinstance(statement.targets[0], Name):
            name = dotted(statement.value)
            if name and name.partition(".")[0] != of.name.name:
                return self.dotted(of.path, name)
        return None

    def import_spelling(self, path: str, dotted: str) -> str | None:
        """The shortest way in which a file can write an external name at module level; None when it can't."""
        self._reader.looked_up(path, "*")
        outline = self.outline(path)
        spellings: list[str] = []
        for binding in outline.bindings if outline else ():
            found = self.lookup(path, binding.name) if not binding.scope and not binding.typing_only else None
            if isinstance(found, External) and f"{dotted}.".startswith(f"{found.name}."):
                spellings.append(binding.name + dotted[len(found.name) :])
        return min(spellings, key=lambda spelling: (len(spelling), spelling), default=None)

    def is_imported(self, path: str, name: str, before: int) -> bool:
        """Returns whether an import gives a file's module level a name at run time, above an offset; true for
        builtins."""
        self._reader.looked_up(path, "*")
        outline = self.outline(path)
        bindings = [b for b in outline.bindings if b.name == name and not b.scope] if outline else []
        return any(not b.typing_only and b.offset < before for b in bindings) or (
            not bindings and hasattr(builtins, name)
        )

    def _local(self, path: str, name: str, scope: str) -> Reference | None:
        qualname = f"{scope}.<locals>.{name}"
        index = self._index(path)
        found = index.classes.get(qualname) or index.functions.get(qualname)
        targets = index.imports.get((scope, name))
        return found or (self.target(path, targets[0]) if targets else None)

    def _index(self, path: str) -> _Index:
        if path not in self._indexes:
            self._indexes[path] = _Index(path, self.outline(path))
        return self._indexes[path]

    @staticmethod
    def _table(path: str, outline: Outline) -> dict[str, Reference]:
        """The module-level definitions of a file; a function or class wins over an assignment of the same name."""
        table: dict[str, Reference] = {}
        imported = {b.name for b in outline.bindings if not b.scope}
        for name in outline.globals_:
            if name.name not in imported:
                table[name.name] = GlobalRef(path, name)
        for function in outline.functions:
            if "." not in function.qualname:
                table[function.qualname] = FunctionRef(path, function)
        for header in outline.classes:
            if "." not in header.qualname:
                table[header.qualname] = ClassRef(path, header)
        return table

    def target(self, path: str, target: str) -> Reference | None:
        """Returns what an import's dotted target means: a member of a module first, else a module itself."""
        before, _, last = target.rpartition(".")
        if before.strip(".") or (before or target.startswith(".")):
            package = before if before.strip(".") else "." * (len(target) - len(target.lstrip(".")))
            module = self.module(path, package)
            if module:
                found = self.lookup(module, last) if module != path else None
                return found or self._submodule(module, last) or self._whole(path, target)
        return self._whole(path, target)

    def _whole(self, path: str, target: str) -> Reference | None:
        module = self.module(path, target)
        if module:
            return Namespace(module)
        return None if target.startswith(".") else External(target)

    def _submodule(self, path: str, name: str) -> Reference | None:
        if posixpath.basename(path) != "__init__.py":
            return None
        found = self._file(posixpath.join(posixpath.dirname(path), name))
        return Namespace(found) if found else None

    def module(self, importer: str, dotted: str) -> str | None:
        """The path of the file that a module name means to an importing file; None for one outside the project."""
        key = (posixpath.dirname(importer), dotted)
        if key not in self._modules:
            self._modules[key] = self._locate(importer, dotted)
        return self._modules[key]

    def _locate(self, importer: str, dotted: str) -> str | None:
        folder = posixpath.dirname(importer)
        if dotted.startswith("."):
            name = dotted.lstrip(".")
            for _ in range(len(dotted) - len(name) - 1):
                folder = posixpath.dirname(folder)
            return self._file(posixpath.join(folder, *name.split("."))) if name else self._package(folder)
        parts = dotted.split(".")
        inside = f"/{parts[0]}/" in importer
        if parts[0] in _FOREIGN and not inside:
            return None
        while folder.startswith(self._reader.root):
            if self._package(folder) is None:
                for base in (folder, posixpath.join(folder, "src")):
                    found = self._file(posixpath.join(base, *parts))
                    if found:
                        return found
            if folder == posixpath.dirname(folder):
                break
            folder = posixpath.dirname(folder)
        return None

    def _file(self, stem: str) -> str | None:
        for path in (f"{stem}/__init__.py", f"{stem}.py"):
            if self._reader.exists(path):
                return path
        return None

    def _name_in_torch(self, path: str) -> str:
        """The module name of a file below a top folder ``torch``, as in a checkout of torch; empty for other files."""
        above, found, below = path.rpartition("/torch/")
        if not found or self._package(above):
            return ""
        name = below.removesuffix(".py").removesuffix("/__init__").removesuffix("__init__")
        return ".".join(filter(None, ("torch", *name.split("/"))))

    def _package(self, folder: str) -> str | None:
        path = posixpath.join(folder, "__init__.py")
        return path if self._reader.exists(path) else None


class _Index:
    """The definitions of a file by qualified name (the first of a name), and its imports by scope and name."""

    def __init__(self, path: str, outline: Outline | None) -> None:
        self.classes: dict[str, ClassRef] = {}
        self.functions: dict[str, FunctionRef] = {}
        self.imports: dict[tuple[str, str], list[str]] = {}
        if outline is None:
            return
        for header in outline.classes:
            self.classes.setdefault(header.qualname, ClassRef(path, header))
        for function in outline.functions:
            self.functions.setdefault(function.qualname, FunctionRef(path, function))
        for binding in outline.bindings:
            targets = self.imports.setdefault((binding.scope, binding.name), [])
            if binding.target not in targets:
                targets.append(binding.target)
