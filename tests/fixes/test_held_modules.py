"""What code does to the modules that hold an instance, it does to the instance: casts, walks over buffers, loads."""

from __future__ import annotations

import pytest

from tests.fixes.module_code import ONES, module, safe_or_reason

HOLDER = """
class Pair(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = Net()
        {then}

    def forward(self, x):
        {forward}return self.net(x)
"""
KEEPS_MATRICES = """
    def state_dict(self, *given):
        return {key: value for key, value in super().state_dict(*given).items() if value.ndim}
"""
CLEARS = """
def clear(state):
    for value in state.values():
        value.zero_()


clear(Net().state_dict())
"""
LOADS_ITS_OWN = """
@classmethod
def load(cls, path):
    made = cls()
    made.load_state_dict(torch.load(path))
    return made
"""
WEIGHTED = f"{ONES}\nself.w = nn.Parameter(torch.zeros(n))"


def held(then: str = "pass", forward: str = "", more: str = "", init: str = ONES) -> str:
    """``Net`` as the child of another module."""
    return module(init, tail=HOLDER.format(then=then, forward=forward and f"{forward}; ") + more)


CASTS = [
    (held("self.double()"), "casts Pair, which holds the module"),
    (held("self.apply(lambda m: m.half())"), "casts Pair, which holds the module"),
    (held("for m in self.modules(): m.double()"), "casts the modules that it holds"),
    (held("self.body = nn.Sequential(Net()).half()"), "where it is built"),
    (module(f"{ONES}\nkind = torch.float64\nself.to(kind)"), "casts the module"),
    (module(f"{ONES}\nself.to(torch.zeros(1))"), "casts the module"),
    (module(f"{ONES}\nself.type('torch.DoubleTensor')"), "casts the module"),
    (module(f"{ONES}\ngetattr(self, 'half')()"), "casts the module"),
    (module(f"{ONES}\nself._apply(lambda t: t.half())"), "casts the module"),
    (module(f"{ONES}\nself.register_forward_pre_hook(lambda m, x: m.half() and None)"), "casts the module"),
    (module("self.t = torch.arange(n)\nself._apply(lambda t: t.double())"), "integers too"),
    (module("self.t = torch.arange(n)\nself.half()"), "safe"),
    (held("self.other = nn.Linear(2, 2).half()"), "safe"),
    (held("pass") + "\n\nPair().half()\n", "safe"),
    (held("pass") + "\n\npair = Pair()\npair.body = nn.Linear(2, 2).half()\n", "safe"),
    (held("self.to('cpu')"), "safe"),
    (held("self.apply(lambda m: m.eval())"), "safe"),
    (held("for m in self.modules(): m.eval()"), "safe"),
    (held(forward="x = x.float()"), "safe"),
    (module(f"{ONES}\nself.to(device)", head="device = torch.device('cpu')"), "safe"),
]
WALKS = [
    (held(forward="x = x + sum(b.sum() for b in self.buffers())"), "walks over the buffers"),
    (held("for m in self.modules(): m._buffers.clear()"), "the modules that it holds"),
    (held(more=KEEPS_MATRICES), "state_dict"),
    (module(ONES, tail="nets = nn.Sequential(Net())\nprint(len(list(nets.buffers())))"), "walks over the buffers"),
    (module(ONES, tail=CLEARS), "walks over"),
    (module(ONES, more="def has(self):\n    return self.get_buffer('t')"), "asks for buffers by name"),
    (held(forward="x = x + sum(p.sum() for p in self.parameters())"), "safe"),
    (held("for m in self.modules(): m.eval()"), "safe"),
    (module(ONES, tail="def show(s):\n    print(s)\n\n\nshow(Net().state_dict())"), "safe"),
]
LOADS = [
    (held("self.net.load_state_dict(torch.load('net.pt'))", init=WEIGHTED), "one without the key raises"),
    (module(WEIGHTED, tail="net = Net()\nnet.load_state_dict({'w': torch.ones(4)})"), "a dict without the key"),
    (module(WEIGHTED, tail="net = Net()\nnet.load_state_dict(dict(Net().named_parameters()))"), "parameters alone"),
    (module(WEIGHTED, more=LOADS_ITS_OWN), "wherever it makes an instance"),
    (held("self.net.load_state_dict(torch.load('net.pt'), strict=False)", init=WEIGHTED), "safe"),
    (module(WEIGHTED, tail="net = Net()\nnet.load_state_dict(torch.load('net.pt'))"), "safe"),
    (module(WEIGHTED, tail="net = Net()\nnet.load_state_dict(Net().state_dict())"), "safe"),
]
EVERY = [*CASTS, *WALKS, *LOADS]


@pytest.mark.parametrize(("code", "expected"), EVERY, ids=[f"{at}-{words}" for at, (_, words) in enumerate(EVERY)])
def test_what_is_done_to_a_module_is_done_to_what_it_holds(code: str, expected: str) -> None:
    safe_or_reason(code, expected)
