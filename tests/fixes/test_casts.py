"""What a cast of the module makes of a buffer: numbers that half precision loses, operators that raise, decisions."""

from __future__ import annotations

import pytest

from tests.fixes.module_code import ONES, module, safe_or_reason

FILTERS = """
def blur(x, kernel):
    return F.conv1d(x, kernel)
"""
KERNEL = "self.t = torch.ones(1, 1, 3)"
NUMBERS = [
    (module("self.t = torch.ones(4) * (1 << 20)"), "half precision"),
    (module("self.t = torch.tensor([10.0 ** (2 * k) for k in range(n)])"), "half precision"),
    (module("self.t = torch.tensor([float(math.factorial(k)) for k in range(6, 10)])"), "half precision"),
    (module("self.t = torch.tensor([0.1, 1.0]) ** 9"), "half precision"),
    (module("self.t = torch.tensor([400.0, 2.0]).square()"), "half precision"),
    (module("self.t = torch.tensor([400.0, 400.0]).cumprod(0)"), "half precision"),
    (module("self.t = torch.tensor(np.logspace(0, 6, 4))"), "half precision"),
    (module(f"{ONES}\nself.t[0] = 1e5"), "half precision"),
    (module(f"{ONES}\nself.t *= 100000"), "half precision"),
    (module(ONES, more="def hide(self):\n    self.t.masked_fill_(self.t > 0, -1e9)"), "half precision"),
    (module("self.t = torch.ones(4) * (1 << 4)"), "safe"),
    (module("self.t = torch.tensor([float(k) ** 2 for k in range(4)])"), "safe"),
    (module("self.t = torch.tensor([3.0, 2.0]).square()"), "safe"),
    (module(f"{ONES}\nself.t[0] = 3.0"), "safe"),
    (module(f"{ONES}\nself.t[0] = float('-inf')"), "safe"),
]
OPERATORS = [
    (module(KERNEL, "return blur(x.float()[:, None], self.t)", head=FILTERS), "another dtype"),
    (
        module(KERNEL, "return self.blur(x.float()[:, None], self.t)", more=FILTERS.replace("(x,", "(self, x,", 1)),
        "fixed dtype",
    ),
    (module(ONES, "return F.nll_loss(F.log_softmax(x.float(), 1), x[0].long(), self.t)"), "fixed dtype"),
    (module(ONES, "out = torch.zeros(4)\nout[torch.arange(4)] = self.t\nreturn out"), "fixed dtype"),
    (module("self.t = torch.eye(4)", "return x @ torch.linalg.matrix_power(self.t, -1)"), "matrix_power takes it"),
    (module("self.t = torch.eye(4)", "return x * torch.linalg.matrix_norm(self.t, 2)"), "matrix_norm takes it"),
    (module(KERNEL, "return blur(x[:, None], self.t)", head=FILTERS), "safe"),
    (module(ONES, "out = torch.zeros(4)\nout[1:] = self.t[1:]\nreturn out"), "safe"),
    (module(ONES, "return torch.where(x > 0, x.float(), self.t)"), "safe"),
]
MATMUL, FIXED = "return {} @ self.t", "fixed dtype"
ACCESSOR = "{}def basis(self):\n    return {}"
OPERANDS = [
    *((module(ONES, MATMUL.format(f"x.float(){then}")), FIXED) for then in (
        ".relu()", ".softmax(-1)", ".mean(1)", ".clamp(0, 1)", ".masked_fill(x > 0, 0.0)", ".sub(1).div(2)",
        ".abs().pow(2).sum(-1)", "[..., None]", ".gather(1, x.long())",
    )),
    (module(ONES, MATMUL.format("(x.float() / 2 + 1)")), FIXED),
    (module(ONES, MATMUL.format("x.type(torch.float32)")), FIXED),
    (module(ONES, MATMUL.format("torch.cat([x.float(), x.float()])")), FIXED),
    (module(ONES, MATMUL.format("torch.rand_like(x.float())")), FIXED),
    (module(ONES, MATMUL.format("torch.as_tensor(np.asarray(x, dtype=np.float32)).to(x.device)")), FIXED),
    (module(ONES, MATMUL.format("torch.as_tensor(x)")), "safe"),
    (module(ONES, "a, b = x.float().chunk(2, -1)\nreturn a @ self.t"), FIXED),
    (module(ONES, "out = torch.zeros(4, device=x.device)\nout[x > 0] = self.t\nreturn out"), FIXED),
    (module(ONES, "mask = ~(x > 0) & (x < 3)\nout = x.float()\nout[mask] = self.t\nreturn out"), FIXED),
    (module(ONES, MATMUL.format("x.float().type_as(x)")), "safe"),
    (module(ONES, MATMUL.format("(x.float() * x)")), "safe"),
    (module(ONES, MATMUL.format("torch.rand_like(x)")), "safe"),
    (module(ONES, "out = torch.zeros_like(x)\nout[x > 0] = self.t\nreturn out"), "safe"),
    (module(ONES, "i = x.float().topk(2)[1]\nreturn torch.zeros_like(x).scatter(1, i, self.t)"), "safe"),
]  # fmt: skip
COMPUTED = [
    (module(KERNEL, "k = self.t.repeat(3, 1, 1)\nreturn F.conv1d(x.float(), k, groups=3)"), FIXED),
    (module(KERNEL, "k = self.t / self.t.sum()\nreturn F.conv1d(x.float(), k)"), FIXED),
    (module("self.t = torch.eye(4)", "c = self.t + 0.1 * x\nreturn torch.linalg.cholesky(c)"), "cholesky takes it"),
    (module(ONES, "return x.float() @ self.basis", more=ACCESSOR.format("@property\n", "self.t")), FIXED),
    (module(ONES, "return x.float() @ self.basis()", more=ACCESSOR.format("", "self.t * 2")), FIXED),
    (module(ONES, "return x @ self.basis()", more=ACCESSOR.format("", "self.t * 2")), "safe"),
    (module(KERNEL, "k = (self.t * 2).float()\nreturn F.conv1d(x.float(), k)"), "safe"),
    (module(KERNEL, "k = self.t.repeat(3, 1, 1)\nreturn F.conv1d(x, k, groups=3)"), "safe"),
    (module(ONES, "m = self.t > 0\nreturn x.float() @ m.float()"), "safe"),
    (module(ONES, "return x.float() @ torch.ones(self.t.shape[0], device=x.device)"), "safe"),
]
DECISIONS = [
    (module(ONES, "return x * {torch.float32: 1, torch.float64: 2}[self.t.dtype]"), "asks for its dtype"),
    (module(ONES, "return x * (1 if '32' in str(self.t.dtype) else 2)"), "asks for its dtype"),
    (module(ONES, "return x if self.t.dtype in (torch.float32, torch.float64) else -x"), "asks for its dtype"),
    (module(ONES, "return x * self.t.element_size()"), "asks for its dtype"),
    (module(ONES, "return x if self.t.type() == 'torch.FloatTensor' else -x"), "asks for its dtype"),
    (module(ONES, "return x.to(self.t.dtype) * torch.zeros(4, dtype=self.t.dtype)"), "safe"),
    (module(ONES, "print(f'{self.t.dtype}')\nreturn x.type_as(self.t)"), "safe"),
    (module(ONES, "return x * self.t if self.t.device == x.device else x"), "safe"),
]
EVERY = [*NUMBERS, *OPERATORS, *OPERANDS, *COMPUTED, *DECISIONS]


@pytest.mark.parametrize(("code", "expected"), EVERY, ids=[f"{at}-{words}" for at, (_, words) in enumerate(EVERY)])
def test_a_fix_is_safe_where_a_cast_changes_no_result_and_raises_nowhere(code: str, expected: str) -> None:
    safe_or_reason(code, expected)
