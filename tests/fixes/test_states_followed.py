"""A state_dict or an instance that code hands on, keeps or gives back: who walks over it, and what is loaded of it."""

from __future__ import annotations

import pytest

from tests.fixes.module_code import ONES, module, safe_or_reason

WEIGHTED = f"{ONES}\nself.w = nn.Parameter(torch.ones(n))"


def of_tail(tail: str, init: str = ONES) -> str:
    return module(init, tail=tail)


def zeroing(body: str) -> str:
    """A function ``zero`` that goes through the buffers of what it is given, and code that reaches it."""
    return of_tail(f"def zero(m):\n    for b in m.buffers():\n        b.zero_()\n\n\n{body}\n")


KEPT = """
class Trainer:
    def __init__(self):
        self.net = Net()

    def reset(self):
        for k, v in self.net.{what}:
            v.data.zero_()
"""
SAVES = """
def save(model, file):
    torch.save({what}, file)


def load(model, file):
    model.load_state_dict({given}{strict})


net = Net()
save(net, "net.pt")
load(net, "net.pt")
"""
RESTORES = """
class Trainer:
    def __init__(self, model):
        self.model = model

    def snapshot(self):
        return {what}

    def restore(self, kept):
        self.model.load_state_dict(kept)


trainer = Trainer(Net())
trainer.restore(trainer.snapshot())
"""
ALONE = "{k: p.detach().clone() for k, p in self.model.named_parameters()}"
DEVICE = "torch.load(file, map_location=next(model.parameters()).device)"
BY_LOOP = """
def parameters(model):
    found = {}
    for name, value in model.named_parameters():
        found[name] = value.data
    return found


Net().load_state_dict(parameters(Net()))
"""
BY_KEYS = """
def mean(models):
    keys = [name for name, _ in models[0].named_parameters()]
    return {k: torch.stack([m.state_dict()[k] for m in models]).mean(0) for k in keys}


Net().load_state_dict(mean([Net(), Net()]))
"""
WALKS, EACH = "walks over", "the buffers of each module"
WALKED = [
    (of_tail("def pair(m: Net):\n    a, b = m.state_dict(), 1\n    for k in a:\n        a[k].zero_()"), WALKS),
    (of_tail("def only(m: Net):\n    (key,) = m.state_dict()\n    return key"), WALKS),
    (of_tail("def keys(m: Net):\n    return ','.join(m.state_dict())"), WALKS),
    (of_tail("def keys(m: Net):\n    return [*m.state_dict()]"), WALKS),
    (of_tail("def both(m: Net):\n    return {**m.state_dict(), 'step': 1}"), WALKS),
    (of_tail("def clear(m: Net):\n    if (s := m.state_dict()):\n        for k in s: s[k].zero_()"), WALKS),
    (of_tail("def first(s):\n    return [k for k in s[0]]\n\n\ndef of(m: Net):\n    return first([m.state_dict()])"),
     WALKS),
    (of_tail("def zero(s):\n    for k in s: s[k].zero_()\n\n\ndef of(m: Net):\n    s = m.state_dict()\n    zero(s)"),
     WALKS),
    (of_tail("def get(m):\n    return m.state_dict()\n\n\ndef of(m: Net):\n    for k, v in get(m).items(): v.zero_()"),
     WALKS),
    (of_tail("class Saved:\n    def __init__(self, m):\n        self.s = m.state_dict()\n\n    def zero(self):\n"
             "        for k in self.s: self.s[k].zero_()\n\n\nSaved(Net())"), WALKS),
    (of_tail("def get(m):\n    return m.state_dict()\n\n\ndef of(m: Net):\n    return get(m)['w']"), "safe"),
    (of_tail("def show(s):\n    return s['w']\n\n\ndef of(m: Net):\n    s = m.state_dict()\n    show(s)"), "safe"),
    (of_tail("def of(m: Net):\n    a, b = m.state_dict(), 1\n    return {'model': a, 'step': b}"), "safe"),
]  # fmt: skip
REACHED = [
    (of_tail(KEPT.format(what="state_dict().items()")), WALKS),
    (of_tail(KEPT.format(what="named_buffers()")), WALKS),
    (of_tail(KEPT.format(what="named_parameters()")), "safe"),
    (of_tail("def main():\n    net = Net()\n    for b in torch.compile(net).buffers(): b.zero_()"), WALKS),
    (of_tail("def main():\n    net = nn.DataParallel(Net())\n    for b in net.module.buffers(): b.zero_()"), WALKS),
    (of_tail("net = Net()\nnet.apply(lambda m: [b.zero_() for b in m.buffers()])"), WALKS),
    (of_tail("net = Net()\nnet.apply(lambda m: [p.zero_() for p in m.parameters()])"), "safe"),
    (zeroing("import threading\nthreading.Thread(target=zero, args=(Net(),)).start()"), WALKS),
    (zeroing("def main(pool):\n    net = Net()\n    pool.submit(zero, net)"), WALKS),
    (zeroing("one, other = Net(), Net()\nzero(other)"), WALKS),
    (zeroing("one, other = Net(), nn.BatchNorm1d(4)\nzero(other)"), "safe"),
    (zeroing("def main(pool):\n    net = Net()\n    pool.submit(zero, nn.BatchNorm1d(4))"), "safe"),
    (module(f"{ONES}\nself.apply(zero)", head="def zero(m):\n    for b in m.buffers(): b.zero_()\n"), EACH),
    (module(f"{ONES}\nself.apply(zero)", head="def zero(m):\n    for p in m.parameters(): p.zero_()\n"), "safe"),
]
ONE = "parameters alone"
LOADED = [
    (of_tail(SAVES.format(what="dict(model.named_parameters())", given="torch.load(file)", strict=", strict=True"),
             WEIGHTED), ONE),
    (of_tail(SAVES.format(what="dict(model.named_parameters())", given="torch.load(file)", strict=", strict=False"),
             WEIGHTED), "safe"),
    (of_tail(SAVES.format(what="model.state_dict()", given=DEVICE, strict=""), WEIGHTED), "safe"),
    (of_tail(SAVES.format(what="{'m': dict(model.named_parameters())}", given="torch.load(file)['m']", strict=""),
             WEIGHTED), ONE),
    (of_tail(SAVES.format(what="{'m': model.state_dict(), 'p': dict(model.named_parameters())}",
                          given="torch.load(file)['m']", strict=""), WEIGHTED), "safe"),
    (of_tail(SAVES.format(what="{k: p for k, p in model.named_parameters() if 'adapter' in k}",
                          given="torch.load(file)", strict=""), WEIGHTED), "safe"),
    (of_tail(SAVES.format(what="[p.data for p in model.parameters()]", given="torch.load(file)", strict=""), WEIGHTED),
     "safe"),
    (of_tail(RESTORES.format(what=ALONE), WEIGHTED), ONE),
    (of_tail(RESTORES.format(what="copy.deepcopy(self.model.state_dict())"), WEIGHTED), "safe"),
    (of_tail(BY_LOOP, WEIGHTED), ONE),
    (of_tail(BY_KEYS, WEIGHTED), ONE),
    (module(WEIGHTED, more="def keep(self):\n    self.kept = {k: p.clone() for k, p in self.named_parameters()}\n\n"
                           "def back(self):\n    self.load_state_dict(self.kept)"), ONE),
    (module(WEIGHTED, more="def load(self, s):\n    missing, other = self.load_state_dict(s, strict=False)"), "safe"),
    (module(f"{WEIGHTED}\nmissing, other = self.load_state_dict(options['s'], strict=False)"), "safe"),
]  # fmt: skip
GETSTATE = "def __getstate__(self):\n    s = {}\n    {}\n    return s"
PICKLES = [
    (module(ONES, more=GETSTATE.format("self.__dict__.copy()", "s['log'] = None")), "safe"),
    (module(ONES, more=GETSTATE.format("dict(self.__dict__)", "s.pop('t')")), "__dict__"),
    (module(ONES, more=GETSTATE.format("self.__dict__.copy()", "s.pop(self.k)")), "__dict__"),
    (module(ONES, more=GETSTATE.format("{k: v for k, v in self.__dict__.items()}", "pass")), "__dict__"),
]
ALLOCATES = """
def allocate(cls, **attributes):
    net = cls.__new__(cls)
    {fill}
    net.__init__()
    return net


allocate(Net)
"""
STORES = [
    (module(f"{ONES}\nself.tune = lambda v: setattr(self, 't', v)"), "a lambda"),
    (module(f"{ONES}\nself.tune = lambda v: setattr(self, 'k', v)"), "safe"),
    (of_tail(ALLOCATES.format(fill="net.__dict__.update(attributes)")), "names that are not known"),
    (of_tail(ALLOCATES.format(fill="net.__dict__.update(k=3)")), "safe"),
]
UNKNOWN = "names that are not known"
DEEP = """
def tune(model, path, value):
    *heads, last = path.split(".")
    for name in heads:
        model = getattr(model, name)
    setattr(model, last, value)


tune(nn.Sequential(Net()), "0.t", 2.0)
"""
SURGERY = """
def swap(model, old, new):
    for name, child in model.named_{what}():
        if isinstance(child, old):
            setattr(model, name{last}, new(child))


swap({given}, nn.ReLU, nn.GELU)
"""
LAST = ".split('.')[-1]"
NAMED = [
    (of_tail(DEEP), UNKNOWN),
    (of_tail(SURGERY.format(what="children", last="", given="nn.Sequential(Net())")), "safe"),
    (of_tail(SURGERY.format(what="children", last="", given="Net()")), "safe"),
    (of_tail(SURGERY.format(what="modules", last=LAST, given="Net()")), "safe"),
    (of_tail(SURGERY.format(what="parameters", last="", given="Net()")), UNKNOWN),
    (of_tail("def note(model, name, value):\n    setattr(model, 'note_' + name, value)\n\n\nnote(Net(), 'a', 1)"),
     "safe"),
    (of_tail("def note(model, name, value):\n    setattr(model, 't' + name, value)\n\n\nnote(Net(), 'a', 1)"), UNKNOWN),
]  # fmt: skip
HOLDS = """
class Pipe{base}:
    def __init__(self, device):
        super().__init__()
        self.net = Net()

    def forward(self, x):
        {body}
        return self.net(x)
"""
PREPARES = "def prepare(net, x):\n    return {}\n\n\nprepare(Net(), 3)"
CASTS = "casts the module"
CAST = [
    (of_tail(HOLDS.format(base="", body="self.net.double()")), CASTS),
    (of_tail(HOLDS.format(base="(nn.Module)", body="self.net.to(torch.float64)")), CASTS),
    (of_tail(HOLDS.format(base="(nn.Module)", body="x = self.net(x.half()).float()")), "safe"),
    (of_tail(HOLDS.format(base="", body="self.net.to('cpu')")), "safe"),
    (of_tail(PREPARES.format("net.half().eval()")), CASTS),
    (of_tail(PREPARES.format("net.eval().half()")), CASTS),
    (of_tail(PREPARES.format("net(x.float()).double()")), "safe"),
    (of_tail(PREPARES.format("net.weight.double()")), "safe"),
]
DATA = "import array\nDATA = array.array('f', [0.0] * 4)\n"
MEMORY = [
    (module("self.t = torch.frombuffer(DATA, dtype=torch.float32)", head=DATA), "shares its memory"),
    (module("data = bytearray(16)\nself.t = torch.frombuffer(data, dtype=torch.float32)"), "safe"),
]


@pytest.mark.parametrize(("code", "expected"), NAMED)
def test_names_that_a_function_is_told_may_be_that_of_the_buffer(code: str, expected: str) -> None:
    safe_or_reason(code, expected)


@pytest.mark.parametrize(("code", "expected"), CAST)
def test_code_that_has_an_instance_may_cast_it(code: str, expected: str) -> None:
    safe_or_reason(code, expected)


@pytest.mark.parametrize(("code", "expected"), MEMORY)
def test_memory_of_the_file_is_shared(code: str, expected: str) -> None:
    safe_or_reason(code, expected)


@pytest.mark.parametrize(("code", "expected"), WALKED)
def test_code_that_gets_a_state_dict_from_elsewhere_walks_over_it(code: str, expected: str) -> None:
    safe_or_reason(code, expected)


@pytest.mark.parametrize(("code", "expected"), REACHED)
def test_code_is_seen_that_reaches_an_instance_by_an_attribute_or_another_call(code: str, expected: str) -> None:
    safe_or_reason(code, expected)


@pytest.mark.parametrize(("code", "expected"), LOADED)
def test_what_is_loaded_strictly_is_followed_back_to_where_it_was_made(code: str, expected: str) -> None:
    safe_or_reason(code, expected)


@pytest.mark.parametrize(("code", "expected"), PICKLES)
def test_a_getstate_may_treat_other_names(code: str, expected: str) -> None:
    safe_or_reason(code, expected)


@pytest.mark.parametrize(("code", "expected"), STORES)
def test_stores_in_lambdas_and_before_the_constructor_are_seen(code: str, expected: str) -> None:
    safe_or_reason(code, expected)
