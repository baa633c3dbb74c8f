"""An object that hides tensors, such as a distribution, kept as a plain attribute of a module.

What it does
------------
Reports objects that hold tensors and are no modules, left on an ``nn.Module`` by its construction: instances of
``torch.distributions`` classes and of the project's subclasses of them, and of the project's own classes whose
construction stores tensors; and methods of a tensor or a distribution that are kept by themselves. Distributions that
keep their tensors in another distribution (``Beta``, ``LogNormal``) are passed by, unless they are handed that one
(``Independent(Normal(...), 1)``), and so are transforms that are given no tensor (``TanhTransform``), and objects whose
only tensors are parameters that the module lends them: those stay the same objects when it moves.

Why it is bad
-------------
``Module.to()`` does not reach into the object: ``self.prior.log_prob(x)`` raises once ``x`` is on a device. The tensors
are missing from ``state_dict()`` too.

Example
-------
Bad::

    self.prior = torch.distributions.Normal(torch.zeros(2), torch.ones(2))

Good::

    self.register_buffer("prior_loc", torch.zeros(2))
    self.register_buffer("prior_scale", torch.ones(2))

    @property
    def prior(self):
        return torch.distributions.Normal(self.prior_loc, self.prior_scale)

Fix
---
The tensors that a distribution of torch is made of become buffers, and a property of the old name builds the
distribution where it is used, as in the example. ``state_dict()`` gains a key for each: checkpoints saved before load
with ``strict=False``. ``--non-persistent`` keeps the keys as they were.

It is unsafe: each read makes a new distribution. It is withheld for objects of other classes, for what a method sets
anew or changes, and where an argument is neither a tensor, a literal, nor a parameter or buffer of the module.

References
----------
torch 2.13: ``torch.distributions.Distribution`` is no ``nn.Module``.
"""

from __future__ import annotations

from collections.abc import Iterator

from bufferlint.fixes.register import belongs, moves_by_itself
from bufferlint.fixes.tensor_holders import Parts, build_in_property
from bufferlint.model.module_class import ModuleClass
from bufferlint.rules._rule import Fault
from bufferlint.screening.needs import Need
from bufferlint.settings import Settings

CODE = "BUF011"
NEEDS = Need.TENSOR


def check(module: ModuleClass, settings: Settings) -> Iterator[Fault]:
    for name in module.stored_here:
        if moves_by_itself(module, name):
            continue
        history = module.attribute(name)
        events = [event for event in history.holders if belongs(event, module)]
        made = build_in_property(history, settings) if events else Parts()
        for event in events:
            yield Fault(
                event.path,
                event.span,
                f"'{name}' hides tensors that Module.to() does not reach and state_dict() omits",
                name,
                "holder",
                module.explain(event),
                fix=made.fix,
                withheld=made.withheld,
            )
