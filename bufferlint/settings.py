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
    """State (changed outside construction) joins it, constants do not."""


@dataclass(frozen=True, slots=True)
class Settings:
    """``select`` and ``ignore`` hold rule codes, code prefixes or rule names; an empty ``select`` means the defaults.

    ``module_bases`` are qualified names of classes to be taken for subclasses of ``torch.nn.Module``
    (``my_lib.layers.Base``); ``tensor_factories`` of functions to be taken to return a tensor.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    persistence: Persistence = Persistence.PERSISTENT
    style: Style = Style.REGISTER_BUFFER
    unsafe_fixes: bool = False
    module_bases: tuple[str, ...] = ()
    tensor_factories: tuple[str, ...] = ()
