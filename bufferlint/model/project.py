"""The room's only door: the module classes of a project."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from functools import cached_property
from typing import TYPE_CHECKING

from bufferlint.ir.definitions import ClassHeader
from bufferlint.ir.reader import Reader
from bufferlint.model.queries import Queries
from bufferlint.prefilter.modules import ModulePrefilter
from bufferlint.prefilter.tensors import Prefilter
from bufferlint.prefilter.words import WordPrefilter
from bufferlint.resolution.call_sites import CallSites
from bufferlint.resolution.context import Context, Subclasses
from bufferlint.resolution.helpers import Helpers
from bufferlint.resolution.hierarchy import Hierarchy
from bufferlint.resolution.names import Names
from bufferlint.resolution.references import ClassRef
from bufferlint.screening.needs import Need
from bufferlint.screening.screen import Screen
from bufferlint.text.span import Span

if TYPE_CHECKING:  # what runs code is loaded once there is a class to run: most projects have none
    from bufferlint.interpreter.callers import Callers
    from bufferlint.interpreter.execution import Execution
    from bufferlint.interpreter.slots import Slot
    from bufferlint.model.attribute_history import AttributeHistory
    from bufferlint.model.external_writes import ExternalUses
    from bufferlint.model.module_class import ModuleClass

_MANY = 2_000
"""Classes from which on the screen is asked instead of the prefilter: of all if so many are asked about, of those in
other files if the project has so many."""


class Project:
    """Links the files of a project. ``targets`` hold the code asked about; ``context`` lists the files in which
    subclasses, callers and outside writes are looked for besides, and is called once there is a class to look for."""

    def __init__(
        self,
        reader: Reader,
        targets: Sequence[str],
        module_bases: tuple[str, ...] = (),
        tensor_factories: tuple[str, ...] = (),
        context: Callable[[], Sequence[str]] = tuple,
    ) -> None:
        self._names = Names(reader)
        self._hierarchy = Hierarchy(reader, self._names, module_bases)
        self._context = Context(reader, targets, context)
        self._factories = frozenset(tensor_factories)
        self._subclasses = Subclasses(reader, self._names, self._hierarchy, self._context)
        self._constructions = CallSites(reader, self._names, self._context)
        self._queries = Queries(reader)
        self._outside: list[ExternalUses] = []
        self._screen = Screen(reader, self._names, self._hierarchy, self._constructions)
        self._prefilter = Prefilter(reader, self._names, self._hierarchy, self._constructions, self._factories)
        self._module_prefilter = ModulePrefilter(reader, self._names, self._hierarchy)
        self._word_prefilter = WordPrefilter(reader, self._hierarchy, self._subclasses.of)
        self._reader = reader
        self._classes: dict[tuple[str, int], ModuleClass] = {}
        self._found: dict[tuple[str, int], ModuleClass | None] = {}
        self._instances: dict[tuple[str, int], Mapping[str, Slot]] = {}

    @cached_property
    def _execution(self) -> Execution:
        from bufferlint.interpreter.execution import Execution

        return Execution(self._reader, self._names, self._hierarchy, self._factories)

    @cached_property
    def _callers(self) -> Callers:
        from bufferlint.interpreter.callers import Callers

        return Callers(self._execution, self._constructions, self._prefilter.may_be_handed_tensors)

    @property
    def _surroundings(self) -> ExternalUses:
        """Shared by all readings of the project: what other code does is told from Python's own tree."""
        if not self._outside:
            from bufferlint.interpreter.execution import Execution
            from bufferlint.model.external_writes import ExternalUses

            execution = Execution(self._queries.reader, self._names, self._hierarchy, self._factories)
            execution.tell_built(self._built)
            self._outside.append(ExternalUses(execution, self._queries, self._context))
        return self._outside[0]

    @cached_property
    def _refs(self) -> tuple[ClassRef, ...]:
        """The classes with code in a target: its own, and those of any file that inherit from one."""
        own = {ref.key: ref for path in self._context.targets for ref in self._subclasses.classes(path)}
        with_code = [ref for ref in own.values() if ref.header.methods or any(n.has_value for n in ref.header.names)]
        below = {child.key: child for ref in with_code for child in self._subclasses.of(ref)}
        return tuple(ref for _, ref in sorted({**below, **self._users, **own}.items()))

    @cached_property
    def _users(self) -> Mapping[tuple[str, int], ClassRef]:
        """The classes of other files that may hand their instance to a function of a target, which stores on it."""
        helpers = Helpers(self._reader, self._names, self._context, self._subclasses)
        return {ref.key: ref for ref in helpers.users()}

    @property
    def size(self) -> int:
        """The number of files of the project."""
        return len(self._context.files)

    @cached_property
    def _targets(self) -> frozenset[str]:
        return frozenset(self._context.targets)

    @cached_property
    def _is_large(self) -> bool:
        return self._context.class_count > _MANY

    @property
    def paths(self) -> tuple[str, ...]:
        """The targets, and the files of classes that inherit from a class in one: where findings are looked for."""
        return tuple(sorted({*self._context.targets, *(ref.path for ref in self._refs)}))

    def unreadable(self, name: str) -> tuple[str, ...]:
        """The files of the project that mention a class but cannot be parsed, so that what they do is not known."""
        return self._context.unreadable(name)

    def module_classes(
        self, paths: frozenset[str], needs: Set[Need] | None = None, of: frozenset[str] | None = None
    ) -> tuple[ModuleClass, ...]:
        """The classes that are certainly modules with no state mechanism of their own and have code in one of ``paths``
        (inherited code counts), in source order; of those in the files ``of``, if given. With ``needs``, those are left
        out that certainly have nothing of what is needed."""
        return tuple(map(self._module_class, self._asked(paths, needs, of)))

    def may_have_module_classes(self, paths: frozenset[str], needs: Set[Need]) -> bool:
        """Returns whether any class may have a finding of rules with such needs."""
        return any(True for _ in self._asked(paths, needs))

    def passes_tensors(self, path: str, span: Span, to: str, name: str) -> bool:
        """Returns whether the function or statement of a file may pass a tensor to the constructor of the class
        ``name`` of the file ``to``; also where there is no such code or class."""
        places = [place for place, at in self._constructions.all(path) if at == span]
        refs = [ClassRef(to, header) for header in self._headers(to) if header.qualname == name]
        asked = [self._screen.passes_tensors(place, ref) for place in places for ref in refs]
        return any(asked) or not asked

    def holds_back(self, path: str, name: str, needs: tuple[str, ...]) -> bool:
        """Returns whether the class ``name`` of a file is skipped: by the prefilters that judge methods where they are
        asked for some ``needs``, by name, else by the screen."""
        refs = [ClassRef(path, header) for header in self._headers(path) if header.qualname == name]
        asked = frozenset(Need[need] for need in needs)
        passed = (
            map(self._screen.may_keep_a_tensor, refs)
            if not asked
            else (self._methods_let_through(ref, asked) for ref in refs)
        )
        return bool(refs) and not any(passed)

    def _methods_let_through(self, ref: ClassRef, needs: Set[Need]) -> bool:
        """Returns whether a class may have a finding for what its methods say, constructors or not."""
        keeps_modules = Need.MODULES in needs and self._module_prefilter.may_keep_modules(ref)
        return keeps_modules or self._word_prefilter.may_have(ref, needs)

    def files_in_doubt(self) -> frozenset[str]:
        """The files with code that the screen could not read: half of a line that is being typed, for one."""
        return frozenset(self._screen.unread)

    def _asked(
        self, paths: frozenset[str], needs: Set[Need] | None, of: frozenset[str] | None = None
    ) -> Iterator[ClassRef]:
        needs = None if self._factories and len(self._refs) > _MANY else needs
        for ref in self._refs:
            if of is not None and ref.path not in of:
                continue
            lineage = self._hierarchy.lineage(ref)
            is_asked = ref.key in self._users or any(c.path in paths for c in lineage.classes)
            wanted = lineage.is_module and not lineage.is_exempt and is_asked
            if wanted and (needs is None or (self._may_be_filtered(ref) and self._lets_through(ref, needs))):
                yield ref

    def _may_be_filtered(self, ref: ClassRef) -> bool:
        """Do the steps of its file allow to look at one more class? Where they do not, the file has a problem."""
        budget, span = self._reader.budget, ref.header.span
        budget.begin(ref.path, self._reader.length(ref.path))
        if not budget.may_filter(ref.path):
            budget.allow_for(self.size)  # which lists all files: most runs need not
        if not budget.may_filter(ref.path):
            self._reader.leave_out_from(ref.path, ref.header)
            return False
        budget.filter(ref.path, span.end - span.start)
        return True

    def _lets_through(self, ref: ClassRef, needs: Set[Need]) -> bool:
        """A class may have a finding. The prefilter lets through more than the screen, and skips none that has one; of
        very many classes it would let through too many to interpret them all."""
        if self._is_screened(ref):
            passed = self._screen.lets_through(ref, needs)
        else:
            passed = Need.NOTHING in needs or self._prefilter.may_have_findings(ref)
        passed = passed or self._methods_let_through(ref, needs)
        if not passed:  # an edit asks again
            files = {owner.path for owner in self._hierarchy.lineage(ref).classes}
            self._reader.held_back(ref.path, ref.header.qualname, files, tuple(sorted(need.name for need in needs)))
        return passed

    def _is_screened(self, ref: ClassRef) -> bool:
        if len(self._refs) > _MANY:
            return True
        return ref.path not in self._targets and self._is_large and not self._factories

    def why_silent(self, path: str, class_name: str, attribute: str) -> str:
        """Returns why nothing is said of an attribute; KeyError with a message when the file has no class of that
        name."""
        from bufferlint.model import explain_silence as silence

        ref = self._named(path, class_name)
        module = self._find(ref)
        if module is None:
            return silence.no_module(class_name, self._hierarchy.lineage(ref))
        return silence.of_attribute(module, attribute)

    def history(self, path: str, class_name: str, attribute: str) -> AttributeHistory:
        """The history of an attribute; KeyError with a message when the file has no such module class."""
        module = self._find(self._named(path, class_name))
        if module is None:
            raise KeyError(f"{class_name} is not known to be an nn.Module")
        return module.attribute(attribute)

    def held_at(self, model: tuple[str, str], of: tuple[str, str]) -> tuple[str, ...]:
        """The dotted paths, each with a dot at its end, under which a model holds instances of a class; none when one
        of them is not there, or the model is no module. Both are by path and name."""
        from bufferlint.model.submodules import paths_to

        roots, wanted = ([ClassRef(p, h) for h in self._headers(p) if h.qualname == name] for p, name in (model, of))
        root = self._find(roots[0]) if roots else None
        return tuple(dict.fromkeys(paths_to(root, wanted[0]))) if root is not None and wanted else ()

    def _named(self, path: str, class_name: str) -> ClassRef:
        headers = {header.qualname: header for header in self._headers(path)}
        header = headers.get(class_name)
        if header is None:
            raise KeyError(f"no class '{class_name}' there; it has: {', '.join(headers) or 'none'}")
        return ClassRef(path, header)

    def dependents(self, paths: Iterable[str]) -> set[str]:
        """The files with classes that inherit from a class in one of ``paths``."""
        wanted = set(paths)
        return {ref.path for ref in self._refs if any(c.path in wanted for c in self._hierarchy.lineage(ref).classes)}

    def _headers(self, path: str) -> list[ClassHeader]:
        outline = self._names.outline(path)
        return list(outline.classes) if outline else []

    def _below(self, ref: ClassRef) -> tuple[ModuleClass, ...]:
        """The modules among the classes that inherit from a class."""
        found = (self._find(child) for child in self._subclasses.of(ref))
        return tuple(module for module in found if module is not None)

    def _inheriting(self, ref: ClassRef) -> tuple[ModuleClass, ...]:
        above = {each.key for each in self._hierarchy.lineage(ref).classes}
        return tuple(self._module_class(child) for child in self._subclasses.of(ref) if child.key not in above)

    def _built(self, ref: ClassRef) -> Mapping[str, Slot]:
        from bufferlint.model.timeline import Timeline

        if ref.key not in self._instances:
            timeline = Timeline(self._execution, self._queries, ref, self._hierarchy.lineage(ref))
            self._instances[ref.key] = timeline.construction.final
        return self._instances[ref.key]

    def _find(self, ref: ClassRef) -> ModuleClass | None:
        if ref.key not in self._found:
            lineage = self._hierarchy.lineage(ref)
            known = lineage.is_module and not lineage.is_exempt
            self._found[ref.key] = self._module_class(ref) if known else None
        return self._found[ref.key]

    def _module_class(self, ref: ClassRef) -> ModuleClass:
        if ref.key not in self._classes:
            from bufferlint.model.module_class import ModuleClass
            from bufferlint.model.timeline import Timeline

            lineage = self._hierarchy.lineage(ref)
            timeline = Timeline(self._execution, self._queries, ref, lineage, self._callers)
            self._classes[ref.key] = ModuleClass(
                ref,
                lineage,
                timeline,
                lambda: self._inheriting(ref),
                self._reader,
                self._names,
                self._find,
                self._built,
                self._below,
                lambda: self._surroundings,
                self._queries,
                self._hierarchy,
                self.unreadable,
            )
        return self._classes[ref.key]
