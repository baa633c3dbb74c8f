"""Torch's pool of threads in a process that was forked."""

from __future__ import annotations

import torch


def renew() -> None:
    """Have torch make its pool of threads anew after a fork, with one thread.

    Torch does so where the pool is first asked for. The threads of autograd, asking at once, would find none and abort
    (torch 2.13, ``Invalid thread pool!``).
    """
    torch.set_num_threads(1)
