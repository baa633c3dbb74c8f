"""What a user can choose. Frozen values; reading files and command lines is the shell's work."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Style(Enum):
    """How a registration is spelled."""

    REGISTER_BUFFER = "register_buffer"
    NN_BUFFER = "nn.Buffer"


class Persistence(Enum):
    """Whether a new buffer joins the state_dict."""

    PERSISTENT = "persistent"
    NON_PERSISTENT = "non-persistent"
    AUTO = "auto"
    """State (changed outside construction) joins it; constants and tables that are made anew on demand do not."""


@dataclass(frozen=True, slots=True)
class Known:
    """Findings of one rule about one attribute that a baseline holds: ``count`` of them.

    ``subject`` is ``Class.attribute``; ``path`` is absolute, None when that file is gone: then findings in any file
    count whose code has one of the ``digests``.
    """

    code: str
    path: str | None
    subject: str
    count: int
    digests: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Settings:
    """``select`` and ``ignore`` hold rule codes, code prefixes or rule names; an empty ``select`` means the defaults,
    which ``extend_select`` adds to. ``file_ignores`` are the same for single files, by absolute path.

    ``module_bases`` are qualified names of classes to be taken for subclasses of ``torch.nn.Module``
    (``my_lib.layers.Base``); ``tensor_factories`` of functions to be taken to return a tensor. ``min_torch`` and
    ``target_version`` are the oldest torch and Python that fixed code is to run with, as (major, minor); None for any.
    ``baseline`` holds findings that are neither reported nor fixed. Of the rules that ``fixable`` names, those that
    ``unfixable`` does not name have their fixes made. ``load_old_checkpoints`` is whether a class that gains state_dict
    keys gets what lets a checkpoint without them load with strict=True. With ``clean_up`` a fix also removes the moves
    of what it registers.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    persistence: Persistence = Persistence.PERSISTENT
    style: Style = Style.REGISTER_BUFFER
    unsafe_fixes: bool = False
    module_bases: tuple[str, ...] = ()
    tensor_factories: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = ()
    min_torch: tuple[int, int] | None = None
    target_version: tuple[int, int] | None = None
    baseline: tuple[Known, ...] = ()
    fixable: tuple[str, ...] = ("ALL",)
    unfixable: tuple[str, ...] = ()
    load_old_checkpoints: bool = False
    clean_up: bool = False
