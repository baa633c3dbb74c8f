"""What an argument of forward may be, likeliest first: by annotation, by name, by the layers that may take it."""

from __future__ import annotations

import re
import typing
from collections.abc import Iterator, Sequence
from itertools import islice

import torch

from bufferlint.verify.contract import InputSpec
from bufferlint.verify.worker.discovery import names
from bufferlint.verify.worker.discovery.candidates import expressed, py
from bufferlint.verify.worker.discovery.guesses import Guesser
from bufferlint.verify.worker.discovery.layers import BATCH, FRAMES, Layers
from bufferlint.verify.worker.discovery.parameters import EMPTY, Parameter
from bufferlint.verify.worker.discovery.usage_analysis import Usage

_IDS = re.compile(r".*(input|token|word|char|text|item|user|class|src|tgt)_?ids?|.*indices|.*index|ids?|idx|"
 r"tokens?|text|.*labels?|"
                  r".*targets?|tgt|classes|seq|sequences?|.*_ids", re.IGNORECASE)  # fmt: skip
_MASK = re.compile(r".*mask.*|.*_pad", re.IGNORECASE)
_TIME = re.compile(
    r".*time_?steps?|t|time|times|.*sigmas?|noise_level|.*lengths?|.*_lens?|r|delta|"
    r"step",
    re.IGNORECASE,
)
_IMAGE = re.compile(
    r".*(image|img|pixel|pict|photo|patch|frame|rgb|depth|feat|fmap|map|samples?).*|x|z|input", re.IGNORECASE
)
_PICTURE = re.compile(r".*(image|img|pixel|pict|photo|rgb).*", re.IGNORECASE)
_VIDEO = re.compile(r".*(video|clip).*", re.IGNORECASE)
_WAVE = re.compile(r".*(wav|audio|signal|speech|waveform|sound|mix|est).*", re.IGNORECASE)
_VECTOR = re.compile(
    r".*(emb|cond|latent|style|context_vec|vector|temb|vec|pooled|code).*|[wcz]|"
    r"noise",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    r".*(scale|size|height|width|h|w|num_.*|n_.*|.*_frames|factor|epoch|level|alpha|temperature)", re.IGNORECASE
)


def choices(parameter: Parameter, usage: Usage, layers: Layers, guesser: Guesser) -> list[InputSpec]:
    """The specifications to try for one argument."""
    found: dict[str, InputSpec] = {}
    for each in islice(_choices(parameter, usage, layers, guesser), 80):
        found.setdefault(repr(each), each)
    return list(found.values())


def _choices(parameter: Parameter, usage: Usage, layers: Layers, guesser: Guesser) -> Iterator[InputSpec]:
    annotation = parameter.annotation
    kinds = set(_kinds(annotation))
    likely = list(tensors(parameter.name, layers))
    if usage.keys:
        yield from (mapping(usage.keys, layers, index) for index in range(4))
    if annotation is EMPTY or not kinds or torch.Tensor in kinds:
        for text in usage.constants:
            if isinstance(text, str):
                yield InputSpec(None, value=text)
        yield from likely
    origin: object = typing.get_origin(annotation)
    if list in kinds or tuple in kinds or origin in (list, tuple):
        yield from (many(each, 2) for each in likely[:6])
    told = annotation is not EMPTY and not kinds <= {torch.Tensor}
    for value in guesser.annotated(annotation, parameter.name) if told else ():
        yield InputSpec(None, value=expressed(value))
    if _NUMBER.fullmatch(parameter.name) or kinds & {int, float}:
        numbers: list[object] = [*islice(names.usual(parameter.name), 4), 8, 32, 1, 0.5]
        yield from (InputSpec(None, value=each) for each in numbers if isinstance(each, int | float))
    yield from likely
    yield from (many(each, count) for each in likely[:4] for count in (2, 4))
    plain: list[object] = [None, 1, 0, 2, 32, False, {}, "mean"]
    yield from (InputSpec(None, value=each) for each in plain)
    yield InputSpec(None, value=names.FUNCTIONS[0])


def many(spec: InputSpec, count: int) -> InputSpec:
    """A list of so many tensors."""
    if spec.shape is None:
        return spec
    one = tensor_source(spec)
    return InputSpec(None, value=py(f"[{', '.join([one] * count)}]"))


def mapping(keys: Sequence[str], layers: Layers, index: int = 0) -> InputSpec:
    """A dictionary with a tensor under each key: the likeliest for its name, or one further down."""
    chosen = {key: list(islice(tensors(key, layers), index + 1))[-1] for key in keys}
    return InputSpec(None, value={key: py(tensor_source(each)) for key, each in chosen.items()})


def tensor_source(spec: InputSpec) -> str:
    """A tensor of the specification as Python."""
    sizes = ", ".join(map(str, spec.shape or ()))
    if spec.dtype == "bool":
        return f"torch.ones({sizes or '()'}, dtype=torch.bool)"
    if spec.dtype.startswith("int"):
        return f"torch.randint(0, {int(spec.high or 2)}, ({sizes}{',' * (len(spec.shape or ()) == 1)}))"
    return f"torch.randn({sizes or '()'})"


def _kinds(annotation: object) -> Iterator[object]:
    if annotation is EMPTY or annotation is None:
        return
    arguments = typing.get_args(annotation)
    origin = typing.get_origin(annotation)
    if origin is not None and origin not in (list, tuple, dict):
        for each in arguments:
            yield from _kinds(each)
    elif isinstance(annotation, type) and issubclass(annotation, torch.Tensor):
        yield torch.Tensor
    else:
        yield origin or annotation


def tensors(name: str, layers: Layers) -> Iterator[InputSpec]:
    """Tensors, those first that the name speaks of."""
    side, length = layers.side, layers.length
    widths = layers.widths or [32, 3]
    rows = (layers.rows or [2])[0]
    ids = InputSpec((BATCH, length), "int64", 0, rows)
    if _MASK.fullmatch(name):
        yield from (
            InputSpec((BATCH, length), "bool"),
            InputSpec((length, length), "bool"),
            InputSpec((BATCH, 1, length, length), "bool"),
        )
        yield from (
            InputSpec((BATCH, 1, side, side)),
            InputSpec((BATCH, length)),
            InputSpec((BATCH, length, length), "bool"),
        )
    elif "emb" in name or "cond" in name:
        yield from (InputSpec((BATCH, width)) for width in widths[:3])
    elif _TIME.fullmatch(name):
        whole = InputSpec((BATCH,), "int64", 1, min(rows, length) if layers.rows else length)
        yield from (whole, InputSpec((BATCH,), low=0.5, high=1.0), InputSpec((BATCH, widths[0])), InputSpec((BATCH, 1)))
    elif _VIDEO.fullmatch(name):
        yield from (InputSpec((BATCH, 3, 2 * FRAMES, side, side)), InputSpec((BATCH, 2 * FRAMES, 3, side, side)))
    elif _WAVE.fullmatch(name):
        if layers.shapes:
            yield InputSpec(layers.shapes[0])
        yield from (InputSpec((BATCH, 16000)), InputSpec((BATCH, 1, 4096)), InputSpec((BATCH, 2, 4096)))
    elif layers.first_is_embedding or (_IDS.fullmatch(name) and (layers.rows or not layers.shapes)):
        yield ids
    elif _VECTOR.fullmatch(name):
        yield from (InputSpec((BATCH, width)) for width in widths[:3])
    elif _PICTURE.fullmatch(name):
        yield (
            InputSpec((BATCH, layers.widths[0], side, side))
            if layers.takes_images
            else InputSpec((BATCH, 3, side, side))
        )
        yield from (InputSpec((BATCH, 3, side, side)), InputSpec((BATCH, 1, side, side)))
    elif _IMAGE.fullmatch(name) and not layers.shapes:
        yield InputSpec((BATCH, widths[0], side, side) if layers.widths else (BATCH, 3, side, side))
    yield from (InputSpec(shape) for shape in layers.shapes[:4])
    for width in widths[:3]:
        yield from (
            InputSpec((BATCH, length, width)),
            InputSpec((BATCH, width)),
            InputSpec((BATCH, width, side, side)),
            InputSpec((BATCH, width, length)),
        )
    yield ids
    yield from (
        InputSpec((BATCH, 3, side, side)),
        InputSpec((BATCH, 1, side, side)),
        InputSpec((BATCH, length)),
        InputSpec((BATCH,)),
    )
    yield from (
        InputSpec(()),
        InputSpec((BATCH,), "int64", 0, rows),
        InputSpec((BATCH, length), "bool"),
        InputSpec((BATCH, 16000)),
    )
    yield from (
        InputSpec((BATCH, widths[0], FRAMES, side, side)),
        InputSpec((BATCH, 4, length, widths[0])),
        InputSpec((BATCH, length, side, side)),
    )
