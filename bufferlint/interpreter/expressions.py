"""Expression + scope -> Value, with the reason for believing so."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from bufferlint.interpreter import quoting as wording
from bufferlint.interpreter import tensor_operations as tensors
from bufferlint.interpreter.annotations import Annotations
from bufferlint.interpreter.literals import constant, keeps_all, member, members, number
from bufferlint.interpreter.state import Closure, Frame, Instance
from bufferlint.interpreter.values import (
    NUMBER,
    OTHER,
    TEXT,
    UNKNOWN,
    Arguments,
    Kind,
    Reason,
    Trait,
    Value,
    join,
)
from bufferlint.ir import expressions as ir
from bufferlint.ir.expressions import Expression
from bufferlint.ir.reader import Reader
from bufferlint.ir.statements import Assign
from bufferlint.resolution.hierarchy import Hierarchy, Lineage
from bufferlint.resolution.names import Names
from bufferlint.resolution.references import (
    ClassRef,
    External,
    FunctionRef,
    GlobalRef,
    InstanceRef,
    LocalFunction,
    MethodRef,
    Namespace,
    Reference,
    SelfRef,
    SuperRef,
)
from bufferlint.torch_model import api as torch_api
from bufferlint.torch_model.api import Named, Role

_ROLES = {Role.PARAMETER: Kind.PARAMETER, Role.BUFFER: Kind.BUFFER, Role.MODULE: Kind.MODULE, Role.PLAIN: Kind.UNKNOWN}
_NAMED = {
    Named.FUNCTION: Kind.CALLABLE,
    Named.NUMBER: Kind.NUMBER,
    Named.OTHER: Kind.OTHER,
    Named.NAMESPACE: Kind.OTHER,
}


class Inference:
    """Evaluates expressions of one abstract run. ``instance`` is the module under construction, if there is one."""

    def __init__(self, reader: Reader, names: Names, hierarchy: Hierarchy, tensor_factories: frozenset[str]) -> None:
        self.reader = reader
        self.names = names
        self.hierarchy = hierarchy
        self.tensor_factories = tensor_factories
        self.instance: Instance | None = None
        self.lineage: Lineage | None = None
        self.closures: list[Closure] = []
        self.constructed: dict[tuple[str, int], list[Arguments]] = {}
        """The arguments of the constructor calls in the functions observed so far, by class."""
        self._globals: dict[tuple[str, str], Value] = {}
        self._structures: dict[tuple[str, int], tuple[Value, ...]] = {}

    # -- what other parts of the run provide ---------------------------------------------------------------------

    def call(self, expression: ir.Call, frame: Frame) -> Value:
        raise AssertionError("provided by Calls")

    def note_mixed_device(self, operands: Sequence[Value], expression: Expression, frame: Frame) -> None:
        raise AssertionError("provided by Writing")

    def bind(self, target: Expression, value: Value, frame: Frame) -> None:
        raise AssertionError("provided by Execution")

    def narrow(self, test: Expression, truth: bool, frame: Frame) -> bool:
        raise AssertionError("provided by Execution")

    def read_property_method(self, function: FunctionRef, frame: Frame) -> Value:
        raise AssertionError("provided by Calls")

    # -- expressions ---------------------------------------------------------------------------------------------

    def evaluate(self, expression: Expression, frame: Frame) -> Value:
        """The value of an expression, with the effects that evaluating it has on names and attributes."""
        match expression:
            case ir.Constant(value=value):
                return constant(value)
            case ir.Name(id=name):
                return self._name(name, frame)
            case ir.Attribute(value=value, attr=attr):
                return self.attribute(self.evaluate(value, frame), attr, expression, frame)
            case ir.Call():
                return self.call(expression, frame)
            case ir.Subscript():
                return self._subscript(expression, frame)
            case ir.Display(kind=kind, items=items):
                return self._display(kind, items, frame)
            case ir.Dict(values=values):
                element = join([self.evaluate(value, frame) for value in values])
                return Value(frozenset({Kind.CONTAINER}), element=element)
            case ir.Unary(op=op, operand=operand):
                return self._unary(op, self.evaluate(operand, frame), expression, frame)
            case ir.Binary(left=left, op=op, right=right):
                operands = (self.evaluate(left, frame), self.evaluate(right, frame))
                return self.binary(operands[0], op, operands[1], expression, frame)
            case ir.Boolean(left=left, op=op, right=right):
                return self._boolean(left, op, right, frame)
            case ir.Compare():
                return self._compare(expression, frame)
            case ir.Conditional():
                return self._conditional(expression, frame)
            case ir.Comprehension():
                return self._comprehension(expression, frame)
            case ir.Lambda():
                self.closures.append(Closure(expression, frame))
                return Value(frozenset({Kind.CALLABLE}), reference=LocalFunction(len(self.closures) - 1))
            case ir.Walrus(target=target, value=value):
                result = self.evaluate(value, frame)
                self.bind(target, result, frame)
                return result
            case ir.FormattedString():
                return self._formatted(expression, frame)
            case ir.Starred(value=value):
                return self.evaluate(value, frame)
        for part in ir.children(expression):
            self.evaluate(part, frame)
        return UNKNOWN

    def _formatted(self, expression: ir.FormattedString, frame: Frame) -> Value:
        parts = [part if isinstance(part, str) else self.evaluate(part, frame).constant for part in expression.parts]
        known = all(isinstance(part, str | int) for part in parts)
        return replace(TEXT, constant="".join(map(str, parts))) if known else TEXT

    def reason(self, expression: Expression, frame: Frame, text: str = "") -> Reason:
        """A reason in the words of the code; long or many-line code is cut down to its outline."""
        return Reason(text or self.words(expression, frame.path), frame.path, expression.span)

    def words(self, expression: Expression, path: str) -> str:
        return wording.of(expression, self.reader.code(path, expression.span), expression.span.start)

    def _name(self, name: str, frame: Frame) -> Value:
        known = frame.find(name)
        if known is not None:
            if known.reason is not None and known.reason.path == frame.path:
                return known.because(replace(known.reason, via=f"local '{name}'"))
            return known
        found = self.names.lookup(frame.path, name, frame.scope)
        if found is not None:
            return self.referred(found)
        return Value(frozenset({Kind.UNKNOWN}), reference=External(f"builtins.{name}"))

    def referred(self, reference: Reference) -> Value:
        """The value of a definition."""
        match reference:
            case ClassRef() | FunctionRef():
                return Value(frozenset({Kind.CALLABLE}), reference=reference)
            case GlobalRef():
                return self._global(reference)
            case External(name=name):
                kind = _NAMED.get(torch_api.named(name) or Named.OTHER_CLASS, Kind.CALLABLE)
                known = torch_api.named(name) is not None
                return Value(frozenset({kind if known else Kind.UNKNOWN}), reference=reference)
            case Namespace():
                return Value(frozenset({Kind.OTHER}), reference=reference)
        return UNKNOWN

    def _global(self, reference: GlobalRef) -> Value:
        key = (reference.path, reference.name.name)
        if key not in self._globals:
            self._globals[key] = UNKNOWN  # a definition that needs itself ends here
            value = self.evaluate_statement(reference)
            self._globals[key] = replace(value, traits=value.traits | Trait.SHARED)
        return self._globals[key]

    def evaluate_statement(self, reference: GlobalRef) -> Value:
        """The value that a module-level or class-level assignment gives its name."""
        statement = self.reader.statement(reference.path, reference.name)
        if not isinstance(statement, Assign):
            return UNKNOWN
        frame = Frame(reference.path, "", {})
        kept, self.instance = self.instance, None
        value = self.evaluate(statement.value, frame)
        for target in statement.targets:
            self.bind(target, value, frame)
        self.instance = kept
        return frame.names.get(reference.name.name, UNKNOWN)

    # -- attributes ----------------------------------------------------------------------------------------------

    def attribute(self, base: Value, attr: str, expression: Expression, frame: Frame) -> Value:
        match base.reference:
            case SelfRef():
                return self._own_attribute(attr, frame)
            case SuperRef(after=after):
                return Value(frozenset({Kind.CALLABLE}), reference=MethodRef(attr, after))
            case External() | Namespace() | ClassRef() as of if not base.may(Kind.MODULE):
                found = self.names.member(of, attr, frame.path)
                if found is None and isinstance(of, ClassRef):
                    value = self.class_level(of, attr)
                    if value is not None:
                        return value
                    found = self.hierarchy.inherited(of, attr)
                return self.referred(found) if found is not None else UNKNOWN
            case InstanceRef(of=External(name=name)) if base.only(Kind.MODULE):
                return self._module_attribute(name, attr, expression, frame)
        if base.is_array_like:
            return tensors.read_property(base, attr, self.reason(expression, frame))
        if base.only(Kind.CONTAINER) and base.reference is None:
            return tensors.field(base, attr)
        if base.only(Kind.ARRAY):
            return base if attr in ("T", "real", "imag", "flat") else OTHER
        return UNKNOWN

    def _own_attribute(self, attr: str, frame: Frame) -> Value:
        slot = self.instance.slots.get(attr) if self.instance else None
        if slot is not None and not slot.value.only(Kind.ABSENT):
            return slot.value.without(Kind.ABSENT)
        if self.lineage is None:
            return UNKNOWN
        for ancestor in self.lineage.classes:
            method = ancestor.header.method(attr)
            if method is not None and method.is_property:
                return self.read_property_method(FunctionRef(ancestor.path, method, ancestor), frame)
            if method is not None:
                return Value(frozenset({Kind.CALLABLE}), reference=MethodRef(attr))
            value = self.class_level(ancestor, attr)
            if value is not None:
                return value
        return self.registered_by_base(attr) or UNKNOWN

    def registered_by_base(self, attr: str) -> Value | None:
        """The parameter or buffer that a base class of torch has under a name: the ``weight`` of ``nn.Linear``."""
        for external in self.lineage.externals if self.lineage else ():
            role = torch_api.role_of(external.name, attr)
            if role in (Role.PARAMETER, Role.BUFFER):
                traits = Trait.TRAINABLE if role is Role.PARAMETER else Trait.NOTHING
                return Value(frozenset({_ROLES[role]}), traits, storage=frozenset({(f"{external.name}.{attr}", 0)}))
        return None

    def class_level(self, ref: ClassRef, attr: str) -> Value | None:
        """The value of a class attribute; None when the class itself gives it none."""
        for name in ref.header.names:
            if name.name == attr and name.has_value:
                value = self.evaluate_statement(GlobalRef(ref.path, name))
                return replace(value, traits=value.traits | Trait.SHARED)
        return None

    def _module_attribute(self, module: str, attr: str, expression: Expression, frame: Frame) -> Value:
        role = torch_api.role_of(module, attr)
        if role is None:
            return UNKNOWN
        traits = Trait.SHARED | (Trait.TRAINABLE if role is Role.PARAMETER else Trait.NOTHING)
        place = frozenset({(frame.path, expression.span.start)})
        reason = self.reason(expression, frame)
        return Value(frozenset({_ROLES[role]}), traits, storage=place, reason=reason)

    # -- operators and displays ----------------------------------------------------------------------------------

    def _display(self, kind: str, items: Iterable[Expression], frame: Frame) -> Value:
        values: list[Value] = []
        exact = kind != "set"
        for item in items:
            value = self.evaluate(item, frame)
            if isinstance(item, ir.Starred):
                exact = exact and value.items is not None
                values += value.items if value.items is not None else [value.element or UNKNOWN]
            else:
                values.append(value)
        if exact:
            return Value(frozenset({Kind.CONTAINER}), items=tuple(values))
        return Value(frozenset({Kind.CONTAINER}), element=join(values))

    def _subscript(self, expression: ir.Subscript, frame: Frame) -> Value:
        base = self.evaluate(expression.value, frame)
        index = [self.evaluate(part, frame) for part in expression.index if not isinstance(part, ir.Slice)]
        if base.is_array_like:
            whole = all(keeps_all(part) for part in expression.index)
            fancy = any(value.is_array_like or value.only(Kind.CONTAINER) for value in index)
            return tensors.index(base, whole, fancy, self.reason(expression, frame))
        if base.only(Kind.CONTAINER):
            return member(base, expression.index[0] if len(expression.index) == 1 else None, index)
        if base.only(Kind.CALLABLE):
            return base
        return base if base.only(Kind.ARRAY, Kind.TEXT) else UNKNOWN

    def _unary(self, op: str, operand: Value, expression: Expression, frame: Frame) -> Value:
        if op == "not":
            return NUMBER
        if operand.is_array_like:
            kept = operand.traits & Trait.INTEGER
            result = tensors.arithmetic(op, [operand], self.reason(expression, frame))
            return replace(result, traits=result.traits | kept)
        if operand.only(Kind.NUMBER):
            number = operand.constant
            return replace(NUMBER, constant=-number if op == "-" and isinstance(number, int | float) else None)
        return operand if operand.only(Kind.ARRAY) else UNKNOWN

    def binary(self, left: Value, op: str, right: Value, expression: Expression, frame: Frame) -> Value:
        """The value of ``left op right``."""
        left, right = (side.without(Kind.NONE, Kind.ABSENT) for side in (left, right))
        numeric = (Kind.TENSOR, Kind.PARAMETER, Kind.BUFFER, Kind.NUMBER)
        if left.is_array_like or right.is_array_like:
            other = right if left.is_array_like else left
            if other.may(Kind.CONTAINER, Kind.TEXT) or (op == "%" and not left.only(*numeric)):
                return UNKNOWN
            self.note_mixed_device([left, right], expression, frame)
            return tensors.arithmetic(op, [left, right], self.reason(expression, frame))
        if left.only(*numeric) and right.only(*numeric):
            if left.only(Kind.NUMBER) and right.only(Kind.NUMBER):
                return number(left.constant, op, right.constant)
            return join([NUMBER, tensors.arithmetic(op, [left, right], self.reason(expression, frame))])
        if left.only(Kind.ARRAY, Kind.NUMBER) and right.only(Kind.ARRAY, Kind.NUMBER):
            return Value(frozenset({Kind.ARRAY}))
        if left.only(Kind.TEXT):
            return TEXT
        if left.only(Kind.CONTAINER) and right.only(Kind.CONTAINER) and op == "+":
            if left.items is not None and right.items is not None:
                return Value(frozenset({Kind.CONTAINER}), items=left.items + right.items)
            return Value(frozenset({Kind.CONTAINER}), element=join([*members(left), *members(right)]))
        if left.only(Kind.CONTAINER) and right.only(Kind.NUMBER) and op == "*":
            return Value(frozenset({Kind.CONTAINER}), element=join(members(left)))
        return UNKNOWN

    def _boolean(self, left: Expression, op: str, right: Expression, frame: Frame) -> Value:
        first = self.evaluate(left, frame)
        second = self.evaluate(right, frame)
        return join([first.without(Kind.NONE) if op == "or" else first, second])

    def _compare(self, expression: ir.Compare, frame: Frame) -> Value:
        operands = [self.evaluate(part, frame) for part in (expression.left, *expression.comparators)]
        if any(op in ("is", "is not", "in", "not in") for op in expression.ops) or len(operands) > 2:
            return NUMBER
        if any(operand.is_array_like for operand in operands):
            self.note_mixed_device(operands, expression, frame)
            return tensors.arithmetic(expression.ops[0], operands, self.reason(expression, frame))
        if any(operand.only(Kind.ARRAY) for operand in operands):
            return Value(frozenset({Kind.ARRAY}))
        certain = not any(operand.may(Kind.UNKNOWN, Kind.ARRAY, Kind.TENSOR) for operand in operands)
        return NUMBER if certain else UNKNOWN

    def _conditional(self, expression: ir.Conditional, frame: Frame) -> Value:
        self.evaluate(expression.test, frame)
        results: list[Value] = []
        kept = dict(frame.names)
        for branch, truth in ((expression.body, True), (expression.orelse, False)):
            frame.names = dict(kept)
            if self.narrow(expression.test, truth, frame):
                results.append(self.evaluate(branch, frame))
        frame.names = kept
        return join(results)

    def _comprehension(self, expression: ir.Comprehension, frame: Frame) -> Value:
        inner = Frame(frame.path, frame.scope, {}, frame.owner, frame)
        for generator in expression.generators:
            iterable = self.evaluate(generator.iterable, inner)
            self.bind(generator.target, self.element(iterable), inner)
            for condition in generator.conditions:
                self.evaluate(condition, inner)
                self.narrow(condition, True, inner)
        return Value(frozenset({Kind.CONTAINER}), element=self.evaluate(expression.element, inner))

    def element(self, iterable: Value) -> Value:
        """What iterating over a value gives."""
        if iterable.is_array_like:
            traits = iterable.traits | Trait.VIEW_OF_LARGER
            return replace(iterable, kinds=frozenset({Kind.TENSOR}), traits=traits, constant=None)
        if iterable.only(Kind.CONTAINER):
            return join(members(iterable)) if iterable.items or iterable.element else UNKNOWN
        return NUMBER if iterable.reference == External("builtins.range") else UNKNOWN

    def annotations(self, frame: Frame) -> Annotations:
        def resolve(name: str) -> Reference | None:
            found = self.names.dotted(frame.path, name, frame.scope)
            return (self.names.aliased(found) or found) if isinstance(found, GlobalRef) else found

        return Annotations(resolve, self.instance_of)

    def instance_of(self, ref: ClassRef) -> Value:
        """The value of an instance of a class of the project."""
        lineage = self.hierarchy.lineage(ref)
        if lineage.is_module:
            return Value(frozenset({Kind.MODULE}), reference=InstanceRef(ref))
        foreign = {external.name for external in lineage.externals}
        if foreign & {"typing.NamedTuple", "typing_extensions.NamedTuple"}:
            return Value(frozenset({Kind.CONTAINER}), items=self._fields(ref))
        kinds = {torch_api.named(name) for name in foreign}
        if Named.HOLDER_CLASS in kinds:
            return Value(frozenset({Kind.HOLDER}), reference=InstanceRef(ref))
        if any(decorator.rpartition(".")[2] == "dataclass" for decorator in ref.header.decorators):
            held = any(value.is_tensor for value in self._fields(ref))
            return Value(frozenset({Kind.HOLDER if held else Kind.OTHER}), reference=InstanceRef(ref))
        if Named.TENSOR_CLASS in kinds or lineage.is_module is None or ref.header.metaclass:
            return UNKNOWN
        if any("__new__" in {m.name for m in c.header.methods} for c in lineage.classes):
            return UNKNOWN
        return Value(frozenset({Kind.OTHER}), reference=InstanceRef(ref))

    def _fields(self, ref: ClassRef) -> tuple[Value, ...]:
        """The values that the annotations of a class body promise, in order."""
        if ref.key not in self._structures:
            self._structures[ref.key] = ()  # a class that holds itself ends here
            frame = Frame(ref.path, "", {})
            promised = (self.reader.annotation(ref.path, name) for name in ref.header.names if name.annotated)
            self._structures[ref.key] = tuple(self.annotations(frame).value(annotation) for annotation in promised)
        return self._structures[ref.key]
