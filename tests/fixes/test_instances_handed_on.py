"""Code that is handed an instance of a class, and memory, names and casts that others share: the safe fix sees them."""

from __future__ import annotations

import pytest

from tests.fixes.module_code import ONES, module, safe_or_reason

EMA = """
class Average:
    def __init__(self, model):
        self.kept = copy.deepcopy(model)

    def update(self, model):
        for mine, theirs in zip(self.kept.{walk}, model.{walk}):
            mine.copy_(theirs * 0.1)


average = Average(Net())
"""
FUNCTION = """
def clamp(model):
    for value in model.{walk}:
        value.clamp_(-1, 1)


{call}
"""
LOADS = """
def build(weights):
    net = Net()
    net.load_state_dict(weights{strict})
    return net


build({given})
"""
STATE, EACH = "walks over the state", "walks over the buffers of each module"
INIT = f"{ONES}\nself.apply(self._init)"
VALUES = "state_dict().values()"
HANDED = [
    (module(ONES, tail=EMA.format(walk=VALUES)), STATE),
    (module(ONES, tail=EMA.format(walk="buffers()")), STATE),
    (module(ONES, tail=EMA.format(walk="parameters()")), "safe"),
    (module(ONES, tail=FUNCTION.format(walk=VALUES, call="Net().apply(clamp)")), STATE),
    (module(ONES, tail=FUNCTION.format(walk="parameters()", call="Net().apply(clamp)")), "safe"),
    (module(ONES, tail=FUNCTION.format(walk="buffers()", call="clamp(nn.BatchNorm1d(4))")), "safe"),
    (module(INIT, more="def _init(self, m):\n    for b in m.buffers():\n        b.zero_()"),
     EACH),
    (module(INIT, more="def _init(self, m):\n    for p in m.parameters():\n        p.zero_()"),
     "safe"),
    (module(ONES, tail="def port(net: Net, old):\n    return dict(zip(net.state_dict(), old))"), "walks over"),
    (module(ONES, tail="both = torch.func.stack_module_state([Net(), Net()])"), "stacks the buffers"),
    (module(ONES, tail="class Trainer:\n    def __init__(self, make):\n        self.m = make()\n\n    def size(self):\n"
                       "        return len(self.m.state_dict())\n\n\nTrainer(Net)"), "walks over"),
    (module(ONES, tail=LOADS.format(strict="", given="{'w': torch.ones(2)}")), "a dict without the key"),
    (module(ONES, tail=LOADS.format(strict=", strict=False", given="{'w': torch.ones(2)}")), "safe"),
    (module(ONES, tail=LOADS.format(strict="", given="torch.load('net.pt')")), "safe"),
]  # fmt: skip
STORE = "KEPT = []\nBY_NAME = {}\n\n\ndef remember(t):\n    KEPT.append(t)\n    return t\n"
OWN = [
    (module("self.t = remember(torch.ones(n))", head=STORE), "hands it to 'KEPT'"),
    (module("t = torch.ones(n)\nBY_NAME['t'] = t\nself.t = t", head=STORE), "hands it to 'BY_NAME'"),
    (module("BY_NAME['t'] = tuple(torch.ones(n).shape)\nself.t = torch.ones(n)", head=STORE), "safe"),
    (module("self.t = torch.ones(1)", "return x * BY_NAME[self.t]", head=STORE), "relies on the very tensor object"),
    (module("self.t = torch.ones(n).bool()", "return x[self.t]"), "safe"),
    (module(f"{ONES}\nself.f = [lambda x, t=self.t: x * t]"), "keeps it as a default"),
    (module(f"{ONES}\nself.f = lambda x, slope=0.1: x * slope"), "safe"),
    (module(f"{ONES}\nt = self.t\nself.f = [lambda x: x * t]"), "keeps 't'"),
    (module("self.t = torch.from_numpy(n)"), "handed in from outside"),
    (module("self.t = torch.from_numpy(np.hanning(4).astype(np.float32))"), "safe"),
]
CASTS = [
    (module(ONES, more="def _apply(self, fn):\n    return super()._apply(lambda t: fn(t) + 1)"), "way of its own"),
    (module(ONES, more="def _apply(self, fn):\n    self.moved = True\n    return super()._apply(fn)"), "safe"),
    (module("self.t = torch.full((300,), 250.0)", "return x / self.t.sum()"), "sums it"),
    (module("self.t = torch.full((300,), 0.5)", "return x / self.t.sum()"), "safe"),
    (module("self.t = torch.exp(torch.lgamma(torch.arange(9.0, 13.0)))"), "half precision"),
    (module("w = torch.full((4, 4), 200.0)\nself.t = w @ w"), "half precision"),
    (module("w = torch.eye(4)\nself.t = w @ w"), "safe"),
]
DIAMOND = """
class Other(nn.Module):
    def __init__(self):
        nn.Module.__init__(self)
        self.rate = 2.0


class Both(Net, Other):
    def __init__(self):
        Net.__init__(self)
        {second}.__init__(self)
"""
NAMES = [
    (module(f"{ONES}\nnn.Module.__init__(self)"), "forgets buffers"),
    (module(ONES, tail=DIAMOND.format(second="Other")), "forgets buffers"),
    (module(ONES, head="class Plain:\n    def __init__(self):\n        super().__init__()\n        self.k = 1\n",
            tail="class Both(Net, Plain):\n    def __init__(self):\n        super().__init__()\n"
                 "        Plain.__init__(self)"), "safe"),
    (module(ONES, tail="print(inspect.getmembers_static(Net()))"), "__dict__"),
    (module(ONES, tail="def test(fixtures):\n    net = Net()\n    fixtures.patch().setattr(net, 't', 0.5)"), "assigns"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "expected"), HANDED)
def test_nobody_that_is_handed_an_instance_enumerates_its_state(code: str, expected: str) -> None:
    safe_or_reason(code, expected)


@pytest.mark.parametrize(("code", "expected"), OWN)
def test_its_memory_is_kept_by_nobody_else(code: str, expected: str) -> None:
    safe_or_reason(code, expected)


@pytest.mark.parametrize(("code", "expected"), CASTS)
def test_casts_leave_its_values_as_they_are(code: str, expected: str) -> None:
    safe_or_reason(code, expected)


@pytest.mark.parametrize(("code", "expected"), NAMES)
def test_its_name_stays_registered_and_takes_tensors(code: str, expected: str) -> None:
    safe_or_reason(code, expected)
