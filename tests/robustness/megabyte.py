"""Files of 1 MB that are much of one kind: ``python -m tests.robustness.megabyte [check|fix] [SHAPE...]``.

The table gives the processor time of the whole command for each shape, what a loop of 10 million turns took before and
after it (a busy machine makes both longer), its findings and its problems.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from time import process_time

from tests.robustness.hostile import command

SIZE = 1_000_000
MOST_SECONDS = 10.0
HEAD = "import functools\nimport torch\nfrom torch import nn\n"

Pieces = Iterator[str]


def _class(name: str, base: str, *body: str) -> str:
    return f"\n\nclass {name}({base}):\n" + "".join(body or ("    pass\n",))


def _init(*lines: str, takes: str = "self") -> str:
    return f"    def __init__({takes}):\n        super().__init__()\n" + "".join(f"        {line}\n" for line in lines)


def _forward(line: str = "return x * self.mask", name: str = "forward", takes: str = "self, x") -> str:
    return f"\n    def {name}({takes}):\n        {line}\n"


BASE = _class("Base", "nn.Module", _init("self.mask = torch.ones(2)"), _forward())


def row() -> Pieces:
    for n in count():
        yield _class(f"N{n}", "nn.Module", _init(f"self.mask{n} = torch.ones(2)"), _forward(f"return x * self.mask{n}"))


def alike() -> Pieces:
    for n in count():
        yield _class(f"N{n}", "nn.Module", _init("self.mask = torch.ones(2)"), _forward())


def clean() -> Pieces:
    for n in count():
        yield _class(f"N{n}", "nn.Module", _init("self.linear = nn.Linear(2, 2)"), _forward("return self.linear(x)"))


def chain() -> Pieces:
    yield _class("N0", "nn.Module", _init("self.mask = torch.ones(2)"), _forward())
    for n in count(1):
        yield _class(f"N{n}", f"N{n - 1}", _init(f"self.a{n} = torch.ones(2)"))


def empty_chain() -> Pieces:
    yield _class("N0", "nn.Module", _init("self.mask = torch.ones(2)"), _forward())
    for n in count(1):
        yield _class(f"N{n}", f"N{n - 1}")


def overrides() -> Pieces:
    """Subclasses of one class that override one method each."""
    yield BASE
    for n in count():
        yield _class(f"N{n}", "Base", _forward(f"return x * self.mask + {n}"))


def overrides_in_construction() -> Pieces:
    """Subclasses that override what the constructor calls."""
    yield _class(
        "Base", "nn.Module", _init("self.mask = self.make()"), _forward(), _forward("return None", "make", "self")
    )
    for n in count():
        yield _class(f"N{n}", "Base", _forward(f"return torch.ones({n})", "make", "self"))


def overrides_of_many() -> Pieces:
    """Subclasses of a class of many methods, each of which overrides another one."""
    methods = "".join(_forward(f"return self.f{n + 1}(x) * self.mask", f"f{n}") for n in range(500))
    yield _class("Base", "nn.Module", _init("self.mask = torch.ones(2)"), methods)
    for n in count():
        yield _class(f"N{n}", "Base", _forward(f"return x * self.mask + {n}", f"f{n % 500}"))


def overrides_in_a_chain() -> Pieces:
    yield BASE
    for n in count():
        yield _class(f"N{n}", f"N{n - 1}" if n else "Base", _forward(f"return x * self.mask + {n}"))


def sets_again() -> Pieces:
    """Subclasses that set the attribute of their base in a constructor of their own."""
    yield BASE
    for n in count():
        yield _class(f"N{n}", "Base", _init(f"self.mask = torch.zeros({n})"))


def class_tensors() -> Pieces:
    for n in count():
        yield _class(f"N{n}", "nn.Module", "    mask = torch.ones(2)\n", _forward())


def class_tensors_in_one() -> Pieces:
    yield _class("Net", "nn.Module", _init("pass"))
    for n in count():
        yield f"    mask{n} = torch.ones(2)\n"


def class_tensors_inherited() -> Pieces:
    yield _class("Base", "nn.Module", "    mask = torch.ones(2)\n", _forward())
    for n in count():
        yield _class(f"N{n}", "Base", f"    mask = torch.ones({n})\n")


def share_init() -> Pieces:
    yield BASE
    for n in count():
        yield _class(f"N{n}", "Base")


def share_init_with_forwards() -> Pieces:
    yield BASE
    for n in count():
        yield _class(f"N{n}", "Base", _forward("return self.mask[x]", f"f{n}"))


def share_init_that_calls() -> Pieces:
    """The constructor calls what each subclass defines, through several functions."""
    made = _forward("self.mask = self.table(torch.ones(2))", "build", "self") + _forward("return x", "table")
    yield _class("Base", "nn.Module", _init("self.build()"), made, _forward())
    for n in count():
        yield _class(f"N{n}", "Base", _forward(f"return x + {n}", "table"))


def held_back() -> Pieces:
    """Fixes that something speaks against: the attribute is set again with another shape, or by name."""
    for n in count():
        body = _init("self.mask = torch.ones(2)"), _forward("self.mask = self.mask.half() if x else None")
        yield _class(f"N{n}", "nn.Module", *body)


def held_back_by_a_load() -> Pieces:
    for n in count():
        yield _class(f"N{n}", "nn.Module", _init("self.mask = torch.ones(2)"), _forward())
        yield f"\n\ndef load{n}(path):\n    net = N{n}()\n    net.load_state_dict(torch.load(path))\n    return net\n"


def held_back_from_outside() -> Pieces:
    for n in count():
        yield _class(f"N{n}", "nn.Module", _init("self.mask = torch.ones(2)"), _forward())
        yield f"\n\ndef change{n}(net: N{n}):\n    net.mask = None\n    del net.mask\n    setattr(net, 'mask', 1)\n"


def deep_tree() -> Pieces:
    """Each class has two subclasses."""
    yield _class("N1", "nn.Module", _init("self.mask = torch.ones(2)"), _forward())
    for n in count(2):
        yield _class(f"N{n}", f"N{n // 2}", _init(f"self.a{n} = torch.ones(2)"), _forward(f"return x * self.a{n}"))


def wide_tree() -> Pieces:
    """Classes with fifty subclasses each."""
    yield _class("N0", "nn.Module", _init("self.mask = torch.ones(2)"), _forward())
    for n in count(1):
        yield _class(f"N{n}", f"N{(n - 1) // 50}", _forward("return self.mask + x", "more"))


def ladder() -> Pieces:
    """Each class inherits from two that come before it."""
    yield _class("N0", "nn.Module", _init("self.mask = torch.ones(2)"), _forward())
    yield _class("N1", "N0")
    for n in count(2):
        yield _class(f"N{n}", f"N{n - 1}, N{n - 2}")


def mixins() -> Pieces:
    for n in count():
        yield f"\n\nclass Mix{n}:\n    def setup{n}(self):\n        self.mask{n} = torch.ones(2)\n"
        yield _class(f"N{n}", f"Mix{n}, nn.Module", _init(f"self.setup{n}()"), _forward(f"return self.mask{n} * x"))


def shared_mixin() -> Pieces:
    yield "\n\nclass Mix:\n    def setup(self, n):\n        self.mask = torch.ones(n)\n"
    for n in count():
        yield _class(f"N{n}", "Mix, nn.Module", _init(f"self.setup({n})"), _forward())


def lru_caches() -> Pieces:
    for n in count():
        cached = f"\n    @functools.lru_cache\n    def table(self, n):\n        return torch.ones(n + {n})\n"
        yield _class(f"N{n}", "nn.Module", _init("pass"), cached, _forward("return self.table(2) * x"))


def lru_caches_in_one() -> Pieces:
    yield _class("Net", "nn.Module", _init("pass"))
    for n in count():
        yield f"\n    @functools.lru_cache\n    def table{n}(self, n):\n        return torch.ones(n)\n"


def lru_caches_inherited() -> Pieces:
    cached = "\n    @functools.lru_cache\n    def table(self, n):\n        return torch.ones(n)\n"
    yield _class("Base", "nn.Module", _init("pass"), cached)
    for n in count():
        yield _class(f"N{n}", "Base", _forward("return self.table(2) * x"))


def lazy_caches() -> Pieces:
    for n in count():
        lazy = _forward("if self.mask is None:\n            self.mask = torch.ones(x)\n        return self.mask")
        yield _class(f"N{n}", "nn.Module", _init("self.mask = None"), lazy)


def aliases() -> Pieces:
    for n in count():
        yield _class(f"N{n}", "nn.Module", _init("self.mask = torch.ones(2)"), _forward()) + f"\n\nA{n} = N{n}\n"


def alias_chain() -> Pieces:
    for n in count():
        yield _class(f"N{n}", f"A{n - 1}" if n else "nn.Module", _init(f"self.a{n} = torch.ones(2)"))
        yield f"\n\nA{n} = N{n}\n"


def names_of_one() -> Pieces:
    yield BASE + "\n\nA0 = Base\n"
    for n in count(1):
        yield f"A{n} = A{n - 1}\n"


def many_attributes() -> Pieces:
    yield _class("Net", "nn.Module", _init("pass"))
    for n in count():
        yield f"        self.a{n} = torch.ones(2)\n"


def many_methods() -> Pieces:
    yield _class("Net", "nn.Module", _init("self.mask = torch.ones(2)"))
    for n in count():
        yield _forward(f"return x * self.mask + {n}", f"f{n}")


def methods_that_store() -> Pieces:
    yield _class("Net", "nn.Module", _init("self.mask = torch.ones(2)"))
    for n in count():
        yield _forward(f"self.a{n} = torch.ones({n})", f"f{n}")


def methods_that_call() -> Pieces:
    yield _class("Net", "nn.Module", _init("self.mask = torch.ones(2)", "self.f0()"))
    for n in count():
        yield _forward(f"return self.f{n + 1}() + self.f{n + 2}() + self.mask", f"f{n}", "self")


def long_forward() -> Pieces:
    yield _class("Net", "nn.Module", _init("self.mask = torch.ones(2)"), _forward("y = x"))
    for n in count():
        yield f"        y{n} = y * self.mask + {n}\n"


def long_construction() -> Pieces:
    yield _class("Net", "nn.Module", _init("self.mask = torch.ones(2)"), "")
    for n in count():
        yield f"        x{n} = self.mask + {n}\n"


def children() -> Pieces:
    """Each class holds an instance of the one before."""
    yield BASE.replace("Base", "N0")
    for n in count(1):
        body = (
            _init(f"self.child = N{n - 1}()", "self.mask = torch.ones(2)"),
            _forward("return self.child(x) * self.mask"),
        )
        yield _class(f"N{n}", "nn.Module", *body)


def children_that_are_given() -> Pieces:
    yield BASE.replace("Base", "N0")
    for n in count(1):
        body = _init(
            "self.scale = scale", f"self.child = N{n - 1}(torch.ones(2))" if n > 1 else "pass", takes="self, scale"
        )
        yield _class(f"N{n}", "nn.Module", *body, _forward("return x * self.scale"))


def callers() -> Pieces:
    """Each class is constructed with a tensor by a function."""
    for n in count():
        yield _class(
            f"N{n}", "nn.Module", _init("self.scale = scale", takes="self, scale"), _forward("return x * self.scale")
        )
        yield f"\n\ndef build{n}():\n    return N{n}(torch.ones(2))\n"


def callers_of_one() -> Pieces:
    yield _class(
        "Net", "nn.Module", _init("self.scale = scale", takes="self, scale"), _forward("return x * self.scale")
    )
    for n in count():
        yield f"\n\ndef build{n}():\n    return Net(torch.ones({n}))\n"


def containers() -> Pieces:
    for n in count():
        body = _init("self.masks = [torch.ones(2), torch.zeros(2)]"), _forward("return x * self.masks[0]")
        yield _class(f"N{n}", "nn.Module", *body)


def holders() -> Pieces:
    for n in count():
        yield f"\n\nclass Holder{n}:\n    def __init__(self):\n        self.mask = torch.ones(2)\n"
        yield _class(f"N{n}", "nn.Module", _init(f"self.holder = Holder{n}()"), _forward("return self.holder.mask * x"))


def properties() -> Pieces:
    for n in count():
        asked = "\n    @property\n    def mask(self):\n        return self._mask\n"
        yield _class(f"N{n}", "nn.Module", _init("self._mask = torch.ones(2)"), asked, _forward())


def nested_classes() -> Pieces:
    for n in count():
        yield f"\n\ndef make{n}():\n    class Net(nn.Module):\n        def __init__(self):\n"
        yield "            super().__init__()\n            self.mask = torch.ones(2)\n\n    return Net()\n"


def functions() -> Pieces:
    yield BASE
    for n in count():
        yield f"\n\ndef f{n}(net: Base, x):\n    y = net.mask * x\n    return f{n + 1}(net, y)\n"


def decorated() -> Pieces:
    for n in count():
        yield f"\n\ndef wrap{n}(cls):\n    return cls\n\n\n@wrap{n}\n"
        yield _class(f"N{n}", "nn.Module", _init("self.mask = torch.ones(2)"), _forward()).lstrip("\n")


def numbers() -> Pieces:
    for n in count():
        yield _class(f"N{n}", "nn.Module", _init("self.steps = 0"), _forward("self.steps += 1\n        return x"))


def suppressed() -> Pieces:
    for n in count():
        yield _class(f"N{n}", "nn.Module", _init("self.mask = torch.ones(2)  # bufferlint: ignore[BUF001]"), _forward())


SHAPES: dict[str, Callable[[], Pieces]] = {
    make.__name__.replace("_", "-"): make
    for make in (
        row, alike, clean, chain, empty_chain, overrides, overrides_in_construction, overrides_of_many,
        overrides_in_a_chain, sets_again, class_tensors, class_tensors_in_one, class_tensors_inherited, share_init,
        share_init_with_forwards, share_init_that_calls, held_back, held_back_by_a_load, held_back_from_outside,
        deep_tree, wide_tree, ladder, mixins, shared_mixin, lru_caches, lru_caches_in_one, lru_caches_inherited,
        lazy_caches, aliases, alias_chain, names_of_one, many_attributes, many_methods, methods_that_store,
        methods_that_call, long_forward, long_construction, children, children_that_are_given, callers,
        callers_of_one, containers, holders, properties, nested_classes, functions, decorated, numbers, suppressed,
    )
}  # fmt: skip


def text(shape: str, size: int = SIZE) -> str:
    """A file of a shape, of about so many characters."""
    pieces, length = [HEAD], len(HEAD)
    for piece in SHAPES[shape]():
        if length >= size:
            break
        pieces.append(piece)
        length += len(piece)
    return "".join(pieces)


def _loop() -> float:
    """What ten million turns would take just now."""
    began, total = process_time(), 0
    for number in range(2_000_000):
        total += number
    return 5 * (process_time() - began)


def _row(verb: str, shape: str) -> str:
    with tempfile.TemporaryDirectory() as made:
        file = Path(made, "m.py")
        file.write_text(text(shape))
        compile(file.read_text(), "m.py", "exec")
        options = ("--isolated", "--no-cache", "--output-format", "concise") if verb == "check" else ("--isolated",)
        loop, before = _loop(), resource.getrusage(resource.RUSAGE_CHILDREN)
        try:
            run = command(Path(made), verb, *options, "-j", "1", "m.py")
        except subprocess.TimeoutExpired:
            return f"{shape} | {verb} | does not end"
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    found = run.stdout.count(" BUF") if verb == "check" else run.stdout.count("\n+")
    said = [line.removeprefix("error: ") for line in run.stderr.splitlines() if "steps" in line or "Traceback" in line]
    over = " OVER" if seconds > MOST_SECONDS else ""
    beside = f"{(loop + _loop()) / 2:.2f}"
    problem = said[0][:120] if said else ""
    return " | ".join((shape, verb, f"{seconds:.1f} s{over}", beside, str(run.returncode), str(found), problem))


if __name__ == "__main__":
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # compiling bufferlint in each run takes a second
    verbs = [word for word in sys.argv[1:] if word in ("check", "fix")] or ["check", "fix"]
    asked = [word for word in sys.argv[1:] if word not in verbs] or list(SHAPES)
    print("shape | command | CPU | loop | exit | findings or lines | first problem of steps")  # noqa: T201
    for each in asked:
        for one in verbs:
            print(_row(one, each), flush=True)  # noqa: T201
