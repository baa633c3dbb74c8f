"""What terms may give: follows names, calls and attributes through the project, without running anything."""

from __future__ import annotations

import builtins
from collections.abc import Iterable

from bufferlint.ir.definitions import ClassName, FunctionHeader
from bufferlint.ir.flows import Promise, Term, Terms
from bufferlint.ir.reader import Reader
from bufferlint.resolution.hierarchy import Hierarchy
from bufferlint.resolution.names import Names
from bufferlint.resolution.references import ClassRef, External, FunctionRef, GlobalRef, Namespace, Reference
from bufferlint.screening.origins import (
    A_TENSOR,
    BUFFER,
    GIVEN,
    INSTANCE,
    NOTHING,
    PAIRS,
    REGISTERED,
    SELF,
    TENSOR,
    Origin,
    Origins,
    flat,
    joined,
    part_of,
    plain,
    tuple_of,
)
from bufferlint.screening.scenes import NO_FLOW, Body
from bufferlint.screening.torch_origins import (
    HANDING_ON,
    PLAIN_TYPES,
    STORED_TENSORS,
    attribute_outside,
    gives_one_tensor,
    is_plain,
    is_tensor,
    of_role,
    torch_call,
)
from bufferlint.torch_model import api as torch_api
from bufferlint.torch_model.api import CallShape

_TENSORS = frozenset({TENSOR, REGISTERED, BUFFER, GIVEN})
_NUMBERS = frozenset({
    "int", "float", "len", "bool", "isinstance", "hasattr", "callable", "issubclass", "id", "hash", "str", "repr",
    "format", "input", "chr", "range", "object", "type", "print", "any", "all",
})  # fmt: skip
_NO_TENSOR = frozenset({
    "shape", "size", "dim", "ndim", "device", "dtype", "item", "tolist", "numpy", "numel", "is_cuda", "requires_grad",
    "stride", "data_ptr", "element_size", "layout", "is_contiguous", "is_floating_point", "is_complex", "nelement",
    "keys",
})  # fmt: skip
"""What a tensor gives that is none."""
_MEMBERS = frozenset({"parameters", "named_parameters", "buffers", "named_buffers", "state_dict"})
_OF_CONTAINERS = frozenset({"get", "pop", "setdefault", "values", "items", "copy"})


class OriginFinder:
    """Answers for a project; what was found out of functions and of values at module level is kept."""

    def __init__(self, reader: Reader, names: Names, hierarchy: Hierarchy) -> None:
        self.reader = reader
        self._names = names
        self._hierarchy = hierarchy
        self._returned: dict[tuple[str, int], Origins] = {}
        self._values: dict[tuple[str, int], Origins] = {}
        self._looked_up: dict[tuple[str, str, str], Origins] = {}
        self._called: dict[str, Origins] = {}
        self._made: dict[tuple[str, int], Origins] = {}
        self._defined: dict[tuple[ClassRef, ...], dict[str, tuple[tuple[ClassRef, FunctionHeader], ...]]] = {}
        self._class_names: dict[tuple[str, int], dict[str, list[ClassName]]] = {}
        self._methods: dict[tuple[str, int], dict[str, tuple[FunctionHeader, ...]]] = {}

    def methods(self, ref: ClassRef) -> dict[str, tuple[FunctionHeader, ...]]:
        """The methods that a class defines, by name; the last of a name first."""
        if ref.key not in self._methods:
            found: dict[str, tuple[FunctionHeader, ...]] = {}
            for header in ref.header.methods:
                found[header.name] = (header, *found.get(header.name, ()))
            self._methods[ref.key] = found
        return self._methods[ref.key]

    def defined(self, classes: tuple[ClassRef, ...]) -> dict[str, tuple[tuple[ClassRef, FunctionHeader], ...]]:
        """The methods that classes define, by name, in the order of the classes. Kept is only what others inherit."""
        if not classes:
            return {}
        inherited = self._defined.get(classes[1:])
        if inherited is None:
            inherited = self._defined[classes[1:]] = self.defined(classes[1:])
        own = self.methods(classes[0])
        if not own:
            return inherited
        found = dict(inherited)
        for name, headers in own.items():
            found[name] = (*((classes[0], header) for header in headers), *found.get(name, ()))
        return found

    # -- terms ---------------------------------------------------------------------------------------------------

    def of_terms(self, terms: Iterable[Term], scene: Body) -> Origins:
        found: Origins = NOTHING
        for term in terms:
            found = joined(found, self._of(term, scene))
        return found

    def _of(self, term: Term, scene: Body) -> Origins:
        kind = term[0]
        if kind == "name":
            own = scene.of_name(term[1])
            return own if own is not None else self._looked(scene.path, term[1], scene.scope)
        if kind == "global":
            return self._looked(scene.path, term[1], scene.scope)
        if kind == "import":
            return self._meant(self._names.target(scene.path, term[1]))
        if kind == "registration":
            return A_TENSOR
        if kind == "type":
            return self._type(term[1], scene)
        if kind == "tuple":
            return tuple_of(tuple(self.of_terms(terms, scene) for terms in term[1]))
        found = self._of(term[1], scene)
        if kind == "get":
            if term[2] in _MEMBERS:
                return frozenset({PAIRS if term[2].startswith("named_") else TENSOR})
            return NOTHING.union(*(self._get(origin, term[2], scene) for origin in found))
        if kind == "call":
            if not found:
                return NOTHING
            return NOTHING.union(*(self._call(origin, term[2], scene) for origin in found))
        if kind == "item" and PAIRS in found:
            return joined(flat(found - {PAIRS}), frozenset({("tuple", (NOTHING, A_TENSOR))}))
        if kind == "part":
            return NOTHING.union(*(part_of(origin, term[2]) for origin in found))
        return plain(flat(found))

    def _looked(self, path: str, name: str, scope: str) -> Origins:
        key = (path, name, scope)
        if key not in self._looked_up:
            self._looked_up[key] = NOTHING  # for those that come back here
            found = self._names.lookup(path, name, scope)
            if found is None and hasattr(builtins, name):
                self._looked_up[key] = frozenset({("builtin", name)})
            else:
                self._looked_up[key] = self._meant(found)
        return self._looked_up[key]

    def _meant(self, found: Reference | None) -> Origins:
        match found:
            case GlobalRef():
                return self.of_value(found)
            case ClassRef():
                return frozenset({("class", found)})
            case FunctionRef():
                return frozenset({("function", found)})
            case External(name=name):
                return frozenset({("external", name)})
            case Namespace():
                return frozenset({("namespace", found)})
        return NOTHING

    def of_value(self, ref: GlobalRef) -> Origins:
        """Returns what a statement of a class or module body gives its names."""
        key = (ref.path, ref.name.span.start)
        if key not in self._values:
            self._values[key] = NOTHING
            flow = self.reader.value_flow(ref.path, ref.name)
            self._values[key] = Body(self, ref.path, "", flow).find(flow.returns) if flow is not None else A_TENSOR
        return self._values[key]

    # -- attributes ----------------------------------------------------------------------------------------------

    def _get(self, origin: Origin, attr: str, scene: Body) -> Origins:
        kind, what = origin
        if origin in _TENSORS:
            return NOTHING if attr in _NO_TENSOR else frozenset({GIVEN if origin == GIVEN else TENSOR})
        if origin == PAIRS:
            return frozenset({PAIRS}) if attr in _OF_CONTAINERS else NOTHING
        if origin == SELF:
            return scene.of_self(attr)
        if kind == "super":
            return frozenset({("method", attr)})
        if kind == "contained":
            return frozenset({origin})
        if kind == "tuple":
            return NOTHING
        found: Origins = frozenset({("contained", origin)}) if attr in _OF_CONTAINERS else NOTHING
        if isinstance(what, ClassRef | Namespace) and kind != INSTANCE:
            member = self._names.member(what, attr, scene.path)
            if member is None and isinstance(what, ClassRef):
                found |= self.class_level(what, attr)
                member = self._hierarchy.inherited(what, attr)
            return found | self._meant(member)
        if kind == "external" and isinstance(what, str):
            member = self._names.member(External(what), attr, scene.path)
            return found | (attribute_outside(member.name) if isinstance(member, External) else self._meant(member))
        if kind == "layer" and isinstance(what, str):
            return found | of_role(what, attr)
        return found

    def class_level(self, ref: ClassRef, attr: str) -> Origins:
        names = self._class_names.get(ref.key)
        if names is None:
            names = self._class_names[ref.key] = {}
            for name in ref.header.names:
                if name.has_value:
                    names.setdefault(name.name, []).append(name)
        if attr not in names:
            return NOTHING
        return NOTHING.union(*(self.of_value(GlobalRef(ref.path, name)) for name in names[attr]))

    # -- calls ---------------------------------------------------------------------------------------------------

    def _call(self, origin: Origin, args: Terms, scene: Body) -> Origins:
        kind, what = origin
        if origin in _TENSORS:
            return frozenset({GIVEN if origin == GIVEN else TENSOR})
        if origin == PAIRS:
            return frozenset({PAIRS})
        if kind == "external" and isinstance(what, str):
            return self._external(what, args, scene)
        if kind == "builtin":
            return self._builtin(str(what), args, scene)
        if kind == "method":
            return self._filled(scene.of_method(str(what)), args, scene)
        if isinstance(what, ClassRef) and kind == "class":
            return self._filled(self.instance(what), args, scene)
        if isinstance(what, FunctionRef):
            return self._filled(self.returned(what), args, scene)
        if kind == "contained" and isinstance(what, tuple):
            return frozenset({(what[0], what[1])})
        if kind == "layer":
            return flat(self.of_terms(args, scene)) & _TENSORS and A_TENSOR
        if kind == "registers":
            return A_TENSOR
        return NOTHING

    def _filled(self, result: Origins, args: Terms, scene: Body) -> Origins:
        """A result with the arguments of the call in the place of those that nothing is known of."""
        if GIVEN not in flat(result):
            return result
        given = self.of_terms(args, scene)

        def fill(found: Origins) -> Origins:
            kept = (
                (kind, tuple(map(fill, what))) if kind == "tuple" and isinstance(what, tuple) else (kind, what)
                for kind, what in found - {GIVEN}
            )
            return frozenset(kept) | flat(given) if GIVEN in found else frozenset(kept)

        return fill(result - {GIVEN}) | given if GIVEN in result else fill(result)

    def _builtin(self, name: str, args: Terms, scene: Body) -> Origins:
        if name == "super":
            return frozenset({("super", None)})
        if name in _NUMBERS or not args:
            return NOTHING
        found = flat(self.of_terms(args, scene))
        return plain(found)

    def _external(self, name: str, args: Terms, scene: Body) -> Origins:
        top = name.partition(".")[0]
        if name in HANDING_ON or top == "einops":
            return self.of_terms(args, scene)
        if top != "torch":
            return NOTHING
        if name not in self._called:
            self._called[name] = torch_call(name)
        return self._filled(self._called[name], args, scene)

    def instance(self, ref: ClassRef) -> Origins:
        """Returns what calling a class of the project, or a promise of it, gives."""
        if ref.key not in self._made:
            self._made[ref.key] = NOTHING
            self._made[ref.key] = self._instance(ref)
        return self._made[ref.key]

    def _instance(self, ref: ClassRef) -> Origins:
        lineage = self._hierarchy.lineage(ref)
        if lineage.is_module:
            return NOTHING
        foreign = {external.name for external in lineage.externals}
        kinds = {torch_api.named(name) for name in foreign}
        if kinds & STORED_TENSORS:
            return A_TENSOR
        holds = any(name.endswith("NamedTuple") for name in foreign)
        made = any(decorator.rpartition(".")[2] == "dataclass" for decorator in ref.header.decorators)
        fields = (name for name in ref.header.names if name.annotated and (holds or made))
        flows = [self.reader.value_flow(ref.path, name) for name in fields]
        body = [Body(self, ref.path, "", flow) for flow in flows if flow is not None]
        if any(TENSOR in self.promised(scene.flow.promised, scene) for scene in body):
            return A_TENSOR
        return frozenset({GIVEN if holds else (INSTANCE, ref)})

    def returned(self, ref: FunctionRef) -> Origins:
        """Returns what a function of the project may return, its arguments unknown."""
        key = (ref.path, ref.header.span.start)
        if key not in self._returned:
            self._returned[key] = NOTHING
            flow = self.reader.flow(ref.path, ref.header, ref.owner is not None)
            if flow is None:
                self._returned[key] = A_TENSOR
            else:
                made = "classmethod" in ref.header.decorators and ref.owner is not None
                receiver: Origins = frozenset({("class", ref.owner)}) if made else NOTHING
                scene = Body(self, ref.path, ref.header.qualname, flow, receiver)
                promise = self.promised(flow.promised, scene)
                self._returned[key] = scene.find(flow.returns) | promise
        return self._returned[key]

    def may_be_registered(self, term: Term, scene: Body, depth: int = 6) -> bool:
        """Returns whether what a term gives is a tensor or unknown: no number, text, tuple or array."""
        kind = term[0]
        if kind == "name":
            if term[1] in scene.flow.locals and depth:
                terms = scene.flow.locals[term[1]]
                return bool(terms) and all(self.may_be_registered(each, scene, depth - 1) for each in terms)
            return term[1] in scene.flow.parameters and not is_plain(scene.flow.parameters[term[1]])
        if kind == "call":
            return self._is_promised(term, None, scene) or self._gives_one_tensor(term[1], scene, depth)
        if kind == "part" and self._is_promised(term[1], term[2], scene):
            return True
        if kind == "get":
            returned = torch_api.property_of_tensor(term[2])
            return is_tensor(returned) and self.may_be_registered(term[1], scene, depth)
        return kind in ("item", "made") and self.may_be_registered(term[1], scene, depth)

    def _is_promised(self, call: Term, part: int | None, scene: Body) -> bool:
        """Returns whether the methods that a term calls are annotated to return a tensor, or one as that part of a
        tuple."""
        if call[0] != "call" or call[1][0] != "get" or SELF not in self._of(call[1][1], scene):
            return False
        methods = scene.methods_named(call[1][2])
        promised = (self.promised(method.flow.promised, method) for method in methods)
        wanted = [found if part is None else NOTHING.union(*(part_of(o, part) for o in found)) for found in promised]
        return bool(wanted) and all(found == A_TENSOR for found in wanted)

    def _gives_one_tensor(self, callee: Term, scene: Body, depth: int) -> bool:
        found = self._of(callee, scene)
        if found and all(gives_one_tensor(kind, what) for kind, what in found):
            return True
        if callee[0] != "get":
            return False
        returned = torch_api.method_returned(callee[2], CallShape(open=True))
        return is_tensor(returned) and self.may_be_registered(callee[1], scene, depth)

    # -- promises ------------------------------------------------------------------------------------------------

    def promised(self, promise: Promise, scene: Body) -> Origins:
        """Returns what an annotation and a default say that a value may be."""
        found = NOTHING
        if promise.default:  # it is evaluated outside, where the parameters mean nothing
            found = Body(self, scene.path, scene.scope, NO_FLOW).find(promise.default)
        if promise.parts:
            parts = (NOTHING.union(*(self._type(name, scene) for name in names)) for names in promise.parts)
            return joined(found, tuple_of(tuple(parts)))
        return found.union(*(self._type(name, scene) for name in promise.names))

    def _type(self, name: str, scene: Body) -> Origins:
        if name in PLAIN_TYPES:
            return NOTHING
        meant = self._names.dotted(scene.path, name.rstrip("."), scene.scope)
        if isinstance(meant, GlobalRef):
            meant = self._names.aliased(meant) or meant
        if isinstance(meant, External):
            return A_TENSOR if torch_api.named(meant.name) in STORED_TENSORS else NOTHING
        if isinstance(meant, ClassRef):
            return frozenset(origin for origin in self.instance(meant) if origin == TENSOR)
        return NOTHING
