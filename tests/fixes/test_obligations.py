"""Each obligation of a safe fix: code that breaks it gets that reason, its near miss keeps a safe fix."""

from __future__ import annotations

import pytest

from bufferlint.engine import explain_fix
from bufferlint.settings import Settings
from tests.fixes.module_code import ONES, module, safe_or_reason
from tests.memory import MemoryWorkspace, at, check
from tests.rule_fixtures import verdict_of

FREE_NAME = [
    (module(f"for k, v in options.items():\n    setattr(self, k, v)\n{ONES}"), "names that are not known"),
    (module(f"self.__dict__.update(options)\n{ONES}"), "names that are not known"),
    (module(f"exec('self.t = None')\n{ONES}"), "names that are not known"),
    (module(ONES, tail="Net.t = None"), "class attribute of that name"),
    (module(ONES, tail="setattr(Net, 't', None)"), "class attribute of that name"),
    (module(f"type(self).t = None\n{ONES}"), "class attribute of that name"),
    (
        module(ONES, more="def __new__(cls):\n    made = super().__new__(cls)\n    made.t = None\n    return made"),
        "__new__",
    ),
    (
        module(ONES, more="def __getattribute__(self, name):\n    return super().__getattribute__(name)"),
        "hasattr asks it",
    ),
    (module(f"for k in ('rate', 'depth'):\n    setattr(self, k, 1)\n{ONES}"), "safe"),
    (module(f"setattr(options, 'seen', True)\n{ONES}"), "safe"),
    (
        module(ONES, head="def named(cls):\n    cls.label = 'x'\n    return cls").replace(
            "class Net", "@named\nclass Net"
        ),
        "safe",
    ),
]
SETTER = """
def set_all(model, **values):
    for name, value in values.items():
        setattr(model, name, value)


def configure(model, **values):
    set_all(model, **values)


def main():
    net = Net()
    {call}
"""
PUT = """
def put(target, key, value):
    setattr(target, key, value)


def prepare(net):
    {call}
"""
WRAPS = """
def wrap(cls):
    class Wrapped(cls):
        t = None
    return Wrapped
"""
MARKS = """
class mark:
    def __init__(self, cls):
        cls.t = None
        self.cls = cls
"""
ON_THE_CLASS = [
    (module("list(map(lambda pair: setattr(self, *pair), options.items()))\n" + ONES), "names that are not known"),
    (module(ONES, more="for t in (1, 2):\n    pass"), "binds the name"),
    (module(ONES, more="with mock.patch('math.pi') as t:\n    pass"), "binds the name"),
    (module(ONES, more="import math as t"), "class attribute of that name"),
    (module(ONES, more="s = (t := 3)"), "binds the name"),
    (module(ONES, tail="nn.Module.t = None"), "class attribute of that name"),
    (module(ONES, tail="net = Net()\ntype(net).t = None"), "class attribute of that name"),
    (module(ONES, tail="net = Net()\nnet.__class__.t = None"), "class attribute of that name"),
    (module(ONES, tail="globals()['Net'].t = None"), "class attribute of that name"),
    (module(ONES, tail="exec('Net.t = None')"), "runs code that is not read here"),
    (module(ONES, tail="eval(\"setattr(Net, 't', None)\")"), "runs code that is not read here"),
    (module(ONES, tail="Sub = type('Sub', (Net,), {'t': None})"), "makes a subclass"),
    (module(ONES, head=WRAPS).replace("class Net", "@wrap\nclass Net"), "makes a subclass"),
    (module(ONES, head=MARKS).replace("class Net", "@mark\nclass Net"), "mark.__init__"),
    (module(ONES, more="for s in (1, 2):\n    pass"), "safe"),
    (module(ONES, tail="net = Net()\nprint(type(net).__name__, net.__class__)"), "safe"),
    (module(ONES, tail="exec('limit = 3')"), "safe"),
    (module(ONES, tail="exec('t = None')"), "safe"),
    (module(ONES, tail="Sub = type('Sub', (Net,), {'depth': 3})"), "safe"),
    (module(ONES, head=WRAPS.replace("t = None", "depth = 1")).replace("class Net", "@wrap\nclass Net"), "safe"),
]
HOOKED = "nn.modules.module.register_module_buffer_registration_hook(print)"
ON_THE_CLASS += [(module(ONES, tail=HOOKED), "a hook run at each registration")]
WRITES = [
    (module(ONES, tail=PUT.format(call="put(net, 't', 3)")), "from outside the class"),
    (module(ONES, tail=PUT.format(call="put(net, 'u', 3)")), "safe"),
    (module(ONES, tail=PUT.format(call="print(net, 't', 3)")), "safe"),
    (module(ONES, tail=SETTER.format(call="configure(net, t=3)")), "names that are not known here"),
    (module(ONES, tail=SETTER.format(call="set_all(net, t=3)")), "names that are not known here"),
    (module(ONES, tail=SETTER.format(call="print(dict(t=3), net)")), "safe"),
    (module(ONES, tail="class Options:\n    pass\n\n\nset_all(Options(), t=3)" + SETTER.format(call="net()")), "safe"),
    (module(ONES, tail="def move(net, device):\n    net.t = net.t.to(device)"), "safe"),
    (module(ONES, tail="def take(net):\n    net.t = net.t.tolist()"), "from outside the class"),
    (module(ONES, tail="net = Net()\nnet.t = 0.5"), "from outside the class"),
    (module(ONES, tail="for net.t in (0.5, 1.0):\n    pass"), "from outside the class"),
    (module(ONES, tail="net = Net()\nnet.t, k = 0.5, 1"), "from outside the class"),
    (module(ONES, tail="net = Net()\nsetattr(net, 't', [1])"), "from outside the class"),
    (
        module(ONES, tail="def f(net):\n    with mock.patch.object(net, 't', 3):\n        pass"),
        "from outside the class",
    ),
    (module(ONES, tail="class Fit:\n    def run(self):\n        self.model.t = 0.5"), "from outside the class"),
    (
        module(
            ONES, tail="class Up(nn.Module):\n    def __init__(self):\n        self.a = Net()\n        self.a.t = 2"
        ),
        "outside",
    ),
    (
        module(ONES, more="@classmethod\ndef build(cls):\n    o = cls()\n    o.t = 1.0\n    return o"),
        "from outside the class",
    ),
    (module(f"{ONES}\nfor k, v in options.items():\n    setattr(self, k, v)"), "under names that are not known"),
    (module(ONES, tail="net = Net()\nnet.t = torch.zeros(4)"), "safe"),
    (module(ONES, tail="net = Net()\nnet.rate = 0.5\nnet.t.mul_(net.rate)"), "safe"),
    (module(ONES, tail="class Options:\n    pass\n\n\noptions = Options()\noptions.t = 3"), "safe"),
    (module(f"self.act = nn.Identity()\n{ONES}", "self.act.t = x\nreturn x * self.t"), "safe"),
]
ACCESS = [
    (module(ONES, "return x * self.__dict__['t']"), "looks for it in __dict__"),
    (module(ONES, "return x * object.__getattribute__(self, 't')"), "looks for it in __dict__"),
    (module(ONES, "return x * self.__getattribute__('t')"), "looks for it in __dict__"),
    (module(ONES, "return x * stored(self, 't')", head="def stored(m, k):\n    return m.__dict__[k]"), "__dict__"),
    (module(ONES, tail="net = Net()\nprint(net.__dict__['t'], inspect.getattr_static(net, 't'))"), "may be the module"),
    (module(ONES, tail="def plain(m):\n    return sorted(vars(m))\n\n\nprint(plain(Net()))"), "module's __dict__"),
    (
        module(ONES, more="def __setstate__(self, s):\n    s.setdefault('t', 0)\n    super().__setstate__(s)"),
        "__setstate__",
    ),
    (module(f"self.text = sorted(vars(options))\n{ONES}"), "safe"),
    (module(ONES, "return x * super().__getattribute__('t')"), "looks for it in __dict__"),
    (module(ONES, tail="net = Net()\nprint('t' in getattr(net, '__dict__'))"), "module's __dict__"),
    (module(f"{ONES}  # never touch __dict__['t'] here"), "safe"),
    (module(ONES, tail="print(getattr(Net(), 't'), hasattr(Net(), 'veil'))"), "safe"),
]
STATE = [
    (module(ONES, "return x * self.t + sum(b.sum() for b in self.buffers())"), "walks over"),
    (module(ONES, "return x * self.t + len(self._buffers)"), "walks over"),
    (module(ONES, more="def size(self):\n    state = self.state_dict()\n    return len(state)"), "walks over"),
    (module(ONES, tail="def count(m):\n    return len(list(m.buffers()))\n\n\nprint(count(Net()))"), "walks over"),
    (module(f"{ONES}\nself.load_state_dict(torch.load('x.pt'))"), "while the instance is built"),
    (module(ONES, more="def sync(self, o):\n    self.load_state_dict(dict(o.named_parameters()))"), "parameters alone"),
    (module(ONES, tail="net = Net()\nother = copy.copy(net)"), "shallow copy"),
    (module(f"{ONES}\nself._register_state_dict_hook(print)"), "a hook of the class"),
    (module(f"{ONES}\nself.load_state_dict(torch.load('x.pt'), strict=False)"), "safe"),
    (module(ONES, more="def size(self):\n    return sum(p.numel() for p in self.parameters())"), "safe"),
    (module(f"self.lin = nn.BatchNorm1d(2)\n{ONES}", "return x * self.t + len(list(self.lin.buffers()))"), "safe"),
    (module(ONES, more="def save(self):\n    return {'state': self.state_dict()}"), "safe"),
    (module(ONES, tail="net = Net()\nother = copy.deepcopy(net)"), "safe"),
]
CASTS = [
    (module("self.t = torch.ones(n) * 100000"), "half precision"),
    (module("self.t = torch.full((4,), float('-1e9'))"), "half precision"),
    (module("self.t = torch.full((4,), torch.finfo(torch.float32).min)"), "half precision"),
    (module("self.t = torch.tensor([10.0]) ** 6"), "half precision"),
    (module("self.t = torch.full((4,), math.exp(15))"), "half precision"),
    (module("self.t = torch.tensor(np.full(4, 1e-8), dtype=torch.float32)"), "half precision"),
    (module("self.t = torch.exp(torch.tensor([20.0, 1.0]))"), "half precision"),
    (module("self.t = torch.eye(4)", "return x @ torch.linalg.inv(self.t)"), "torch.linalg.inv takes it"),
    (module("self.t = torch.eye(4)", "w = self.t\nreturn x * torch.det(w)"), "torch.det takes it"),
    (
        module("self.t = torch.eye(4)", "return x * f(self.t)", head="def f(t):\n    return torch.det(t)"),
        "refuses half",
    ),
    (module("self.t = torch.eye(4)", "return x.float() @ self.t"), "fixed dtype"),
    (module(ONES, "return x * torch.dot(self.t, torch.ones(4))"), "fixed dtype"),
    (module("self.t = torch.ones(1, 1, 3)", "h = x.float()[:, None]\nreturn F.conv1d(h, self.t)"), "fixed dtype"),
    (module(ONES, "return x + self.t.view(torch.int32).sum()"), "fixed dtype"),
    (module(ONES, "return x * self.t if self.t.dtype == torch.float32 else x"), "asks for its dtype"),
    (module(f"{ONES}\nself.bfloat16()"), "casts the module"),
    (module(ONES, tail="def build():\n    return Net().half()"), "casts the module"),
    (module(ONES, tail="net = Net()\nnet.half()"), "safe"),
    (
        module(ONES, tail="if __name__ == '__main__':\n    net = Net()\n    net = net.to(torch.float16)"),
        "safe",
    ),
    (module(ONES, tail="net = nn.Sequential(Net())\nnet.bfloat16()"), "safe"),
    (module(ONES, tail="class Sub(Net):\n    pass\n\n\nnet = Sub()\nnet.half()"), "safe"),
    (module(ONES, tail="net = Net()\nnet._apply(lambda t: t.half())"), "safe"),
    (module("self.t = torch.ones(n, dtype=torch.float64)", tail="net = Net()\nnet.float()"), "where it is built"),
    (module("self.t = torch.arange(n)", tail="net = Net()\nnet.type(torch.float64)"), "integers too"),
    (module("self.t = torch.ones(n).bool()", tail="net = Net().type(torch.float16)"), "integers too"),
    (module("self.t = torch.arange(1000.0)", "return x / self.t.sum()"), "sums it"),
    (module("self.t = torch.linspace(0, 100, 2000)", "return x / torch.sum(self.t)"), "sums it"),
    (module(ONES, tail="net = Net()\nnet.float()"), "safe"),
    (module(ONES, tail="net = Net().to('cpu').eval()"), "safe"),
    (module(ONES, tail="other = nn.Linear(2, 2)\nother.half()\nnet = Net()"), "safe"),
    (module("self.t = torch.arange(n)", tail="net = Net()\nnet.double()"), "safe"),
    (module("self.t = torch.linspace(0, 1, 20)", "return x / self.t.sum()"), "safe"),
    (module("self.t = torch.ones(n) / 255"), "safe"),
    (module("self.t = torch.tensor([1.0, 2.0, 3.0]) ** 2"), "safe"),
    (module("self.t = torch.eye(4)", "return x @ torch.linalg.inv(self.t.float()).to(x.dtype)"), "safe"),
    (module("self.t = torch.eye(4)", "return x @ self.t"), "safe"),
    (module("self.t = torch.arange(4)", "return x * torch.fft.rfft(self.t).abs()"), "safe"),
    (module(f'"""It is given to torch.stft(x, self.t)."""\n{ONES}'), "safe"),
    (module(f"self.lin = nn.Linear(2, 2).bfloat16()\n{ONES}"), "safe"),
    (module(ONES, more="def move(self, device):\n    return self.to(device)"), "safe"),
]
FILLED = """
def fill(net):
    net.__setattr__('t', 0.5)
"""
ELSEWHERE = [
    (module(ONES, tail="Net().apply(lambda m: setattr(m, 't', 0.5))"), "from outside the class"),
    (module(ONES, tail=FILLED), "from outside the class"),
    (module(ONES, tail="net = Net()\nnn.Module.__setattr__(net, 't', 0.5)"), "from outside the class"),
    (module("self.t = self.seen.setdefault(4, torch.ones(n))", more="seen = {}"), "the tensor is shared"),
    (module("self.t = tables[0]").replace("n=4, **options", "tables=[torch.ones(4)]"), "handed in from outside"),
    (module(f"{ONES}\nself.f = self.t.mul"), "keeps it in the bound method .mul"),
    (module(f"{ONES}\nself.a = self.t.numpy()"), "keeps it in an array"),
    (module(f"{ONES}\nSEEN.append(self.t)", head="SEEN = []"), "keeps it in a container outside"),
    (module(f"{ONES}\nSEEN['t'] = self.t", head="SEEN = {}"), "keeps it in a container outside"),
    (module(f"{ONES}\nself.first = self.t.data_ptr()"), "the very tensor object"),
    (module(f"{ONES}\nsetattr(self.t, 'tag', 3)"), "the very tensor object"),
    (module(ONES, tail="record = argparse.Namespace()\nrecord.t = 3", head="import argparse"), "safe"),
    (module("self.t = copy.deepcopy(TABLE)", head="TABLE = torch.ones(4)"), "safe"),
    (module(f"{ONES}\nparts = []\nparts.append(self.t)\nself.size = len(parts)"), "safe"),
    (module(ONES, "return self.t.mul(x)"), "safe"),
    (module(ONES, tail="print(*Net().state_dict().keys())"), "safe"),
]
OWN_TENSOR = [
    (module("self.t = TABLE[0]", head="TABLE = [torch.ones(4)]"), "the tensor is shared"),
    (module("self.t = torch.as_tensor(TABLE)", head="TABLE = np.ones(4)"), "the tensor is shared"),
    (module("self.a = np.ones(4)\nself.t = torch.from_numpy(self.a)"), "share memory with 'self.a'"),
    (module(f"{ONES}\nself.options = {{'t': self.t}}"), "share memory with 'self.options'"),
    (module(f"{ONES}\nself.f = functools.partial(torch.mul, self.t)"), "share memory with 'self.f'"),
    (
        module(f"{ONES}\nself.b = Block(self.t)", head="class Block:\n    def __init__(self, t):\n        self.t = t"),
        "hands it to",
    ),
    (module("t = torch.ones(4)\nself.t = t\nself.f = lambda x: x * t"), "a function within keeps 't'"),
    (module(f"{ONES}\n\ndef f(x, t=self.t):\n    return x * t\n\nself.f = f"), "keeps it as a default"),
    (module("with torch.inference_mode():\n    self.t = torch.ones(4)"), "can't be saved"),
    (module("self.t = torch.empty(4, device='meta')"), "can't be saved"),
    (module("self.t = torch.from_numpy(np.broadcast_to(np.ones(4), (4, 4)))"), "share memory (expand"),
    (module(f"{ONES}\nself.first = id(self.t)"), "the very tensor object"),
    (module(f"{ONES}\nself.t.tag = 3"), "the very tensor object"),
    (module(ONES, more="def learn(self):\n    self.t.requires_grad_(True)"), "require a gradient"),
    (module("self.t = torch.tensor(4)", "return torch.ones(self.t) * x"), "as a size"),
    (module("self.t = TABLE[0].clone()", head="TABLE = [torch.ones(4)]"), "safe"),
    (module("with torch.no_grad():\n    self.t = torch.ones(4)"), "safe"),
    (module(ONES, "return x if self.t is None else x * self.t"), "safe"),
    (module(f"{ONES}\nself.loss = nn.CrossEntropyLoss(weight=self.t)"), "safe"),
    (module(f"{ONES}\nself.size = len(self.t)"), "safe"),
]
EVERY = [*FREE_NAME, *ON_THE_CLASS, *WRITES, *ACCESS, *STATE, *CASTS, *OWN_TENSOR, *ELSEWHERE]


@pytest.mark.parametrize(("code", "expected"), EVERY, ids=[f"{at}-{words}" for at, (_, words) in enumerate(EVERY)])
def test_an_obligation_gives_its_reason_or_lets_the_fix_be_safe(code: str, expected: str) -> None:
    safe_or_reason(code, expected)


def test_a_write_in_another_file_counts() -> None:
    files = {"model.py": module(ONES), "train.py": "from model import Net\n\n\ndef run(model):\n    model.t = 0.5\n"}

    (finding,) = check(files).findings

    assert verdict_of(finding)[0] == "unsafe"
    assert "train.py, line 5" in verdict_of(finding)[1]


def test_a_name_is_registered_as_python_normalises_it() -> None:
    code = module("self.\N{MICRO SIGN} = torch.ones(n)", "return x * self.\N{MICRO SIGN}")

    (finding,) = check({"model.py": code}).findings

    assert finding.fix is not None
    assert any('"\N{GREEK SMALL LETTER MU}"' in edit.replacement for edit in finding.fix.edits)


def test_a_file_that_cannot_be_parsed_and_mentions_the_class_makes_a_fix_unsafe() -> None:
    (finding,) = check({"model.py": module(ONES), "broken.py": "Net(\n"}, targets=["model.py"]).findings

    assert "broken.py mentions Net and cannot be parsed" in verdict_of(finding)[1]


def test_all_obligations_are_explained() -> None:
    workspace = MemoryWorkspace({"model.py": module(ONES, tail="net = Net()\nnet.t = 0.5")})

    lines = explain_fix(at("model.py"), "Net", "t", workspace, Settings()).splitlines()

    assert lines[0] == "Net.t: registering it as a buffer is unsafe"
    assert [line[:2] for line in lines if line[0].isdigit()] == [f"{number}." for number in range(1, 9)]
    assert sum("not shown" in line for line in lines) == 1
