"""What the layers of a built module say of its inputs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from torch import nn

BATCH, LENGTH, SIDE, FRAMES = 2, 8, 32, 4
"""Small sizes; each differs from the usual widths, so that a mix-up shows."""


@dataclass
class Layers:
    """``shapes`` are the inputs that single layers take, in the order of registration; ``widths`` their channel sizes.

    ``rows`` are the sizes of embedding tables.
    """

    shapes: list[tuple[int, ...]] = field(default_factory=list)
    widths: list[int] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    first_is_embedding: bool = False
    side: int = SIDE
    length: int = LENGTH

    @property
    def takes_images(self) -> bool:
        """Tells whether the first layer is one of images."""
        return bool(self.shapes) and len(self.shapes[0]) == 4


def look(module: nn.Module) -> Layers:
    """Read the layers of a module, its own number attributes, and its parameters."""
    found = Layers()
    found.side = _attribute(
        module, ("img_size", "image_size", "input_size", "sample_size", "resolution", "size"), SIDE, 8, 256
    )
    found.length = _attribute(
        module, ("seq_len", "max_len", "max_seq_len", "block_size", "context_length", "max_length"), LENGTH, 2, 128
    )
    for each in module.modules():
        _note(each, found)
        if len(found.shapes) > 40:
            break
    own = [value for value in vars(module).values() if type(value) is int and 1 <= value <= 4096]
    own += [each.shape[-1] for each in list(module._parameters.values())[:4] if each is not None and each.dim()]
    found.widths = list(dict.fromkeys([*found.widths, *own]))[:12]
    return found


def _note(each: Any, found: Layers) -> None:
    """One layer."""
    side, length = found.side, found.length
    if isinstance(each, nn.Embedding | nn.EmbeddingBag):
        found.rows.append(each.num_embeddings)
        found.first_is_embedding |= not found.shapes
        return
    shape: tuple[int, ...] = ()
    width: object = None
    if isinstance(each, nn.Linear):
        width = each.in_features
        shape = (BATCH, length, each.in_features)
    elif isinstance(each, nn.Conv1d | nn.ConvTranspose1d):
        width, shape = each.in_channels, (BATCH, each.in_channels, max(length, 4 * each.kernel_size[0]))
    elif isinstance(each, nn.Conv2d | nn.ConvTranspose2d):
        width, shape = each.in_channels, (BATCH, each.in_channels, side, side)
    elif isinstance(each, nn.Conv3d | nn.ConvTranspose3d):
        width, shape = each.in_channels, (BATCH, each.in_channels, 2 * FRAMES, side, side)
    elif isinstance(each, nn.RNNBase):
        width, shape = each.input_size, (BATCH, length, each.input_size)
    elif isinstance(each, nn.MultiheadAttention):
        width, shape = each.embed_dim, (BATCH, length, each.embed_dim)
    elif isinstance(each, nn.LayerNorm):
        width, shape = each.normalized_shape[-1], (BATCH, length, *each.normalized_shape)
    elif isinstance(each, nn.BatchNorm1d):
        width, shape = each.num_features, (BATCH, each.num_features)
    elif isinstance(each, nn.BatchNorm2d | nn.InstanceNorm2d):
        width, shape = each.num_features, (BATCH, each.num_features, side, side)
    elif isinstance(each, nn.BatchNorm3d):
        width, shape = each.num_features, (BATCH, each.num_features, FRAMES, side, side)
    elif isinstance(each, nn.GroupNorm):
        width, shape = each.num_channels, (BATCH, each.num_channels, side, side)
    if shape and type(width) is int and 0 < width <= 1 << 16:
        found.widths.append(width)
        if shape not in found.shapes:
            found.shapes.append(shape)


def _attribute(module: nn.Module, names: tuple[str, ...], usual: int, low: int, high: int) -> int:
    for name in names:
        value = getattr(module, name, None)
        value = value[0] if isinstance(value, tuple | list) and value else value
        if type(value) is int and low <= value <= high:
            return value
    return usual
