"""Pays once, before forking, for what torch imports and sets up when it is first asked for it."""

from __future__ import annotations

import copy
import gc
import io
import warnings
from typing import Any

import torch
from torch import nn
from torch._subclasses import FakeTensorMode
from torch.export import export

from bufferlint.verify.worker import read_only_view, run_side, standin


def run() -> None:
    """Do in small what the checks and the search do. No backward: its threads would not be there after a fork."""
    module, given = nn.Sequential(nn.Linear(1, 1), nn.Softmax(-1)).eval(), torch.ones(1, 1)
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        export(module, (given,), strict=False)
        script: Any = torch.jit.script
        script(module)(given)
        trace: Any = torch.jit.trace
        trace(module, (given,), check_trace=False)(given)
    with FakeTensorMode(allow_non_fake_inputs=True) as mode:
        module(mode.from_tensor(given))
    file = io.BytesIO()
    torch.save(copy.deepcopy(module.state_dict()), file)
    file.seek(0)
    torch.load(file, weights_only=True)
    with standin.moved(None, module) as (device, _, _):
        module(given.to(device))
    run_side.files_imported()
    read_only_view.available()
    gc.collect()
    gc.freeze()  # what is collected in a forked process would be copied for it
