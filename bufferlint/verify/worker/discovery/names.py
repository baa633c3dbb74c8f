"""What a constructor parameter of a given name usually takes: the vocabulary of PyTorch code, likeliest first.

The sizes agree with each other, so that a first try often holds: widths are 32, heads 4, images 32 a side, patches 8.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bufferlint.verify.worker.discovery.candidates import NAMESPACE, Build, py

RELU = py("torch.nn.ReLU")
MODULES = (
    py("torch.nn.Identity()"), py("torch.nn.Linear(32, 32)"), py("torch.nn.Conv2d(32, 32, 3, padding=1)"),
    py("torch.nn.Conv2d(3, 32, 3, padding=1)"), py("torch.nn.Conv1d(32, 32, 3, padding=1)"),
    py("torch.nn.Sequential(torch.nn.Linear(32, 32), torch.nn.ReLU())"), py("torch.nn.LSTM(32, 32, batch_first=True)"),
)  # fmt: skip
FUNCTIONS = (
    py("lambda x, *args, **kwargs: x"), RELU, py("torch.nn.Identity"), py("torch.nn.Linear"), py("torch.nn.LayerNorm"),
    py("lambda *args, **kwargs: torch.nn.Identity()"), py("lambda *args, **kwargs: torch.tensor(0.0)"),
)  # fmt: skip
TENSORS = (py("torch.ones(32)"), py("torch.ones(4, 4)"), py("torch.ones(3)"), py("torch.ones(1, 3, 32, 32)"))
INTEGERS = (32, 16, 64, 4, 8, 2, 1, 3, 128, 256, 10, 12, 5, 7, 0, 24, 48, 96, 512, 768)
NUMBERS = (0.1, 0.5, 1.0, 0.0, 2.0)
TEXTS = ("relu", "gelu", "mean", "none", "sum", "batch", "layer", "same", "zeros", "linear", "default", "cosine", "")

_TABLE: tuple[tuple[str, tuple[object, ...]], ...] = (
    (r"config|cfg|conf|args|opts?|hparams|hps|options|params", (Build(NAMESPACE), {})),
    (r"(use|is|with|has|do|enable|add|apply|learn|return|keep|no|skip|should)_.*|bias|.*_bias|causal|training"
     r"|bidirectional|affine|inplace|pretrained|normalize|residual|shortcut|batch_first|verbose|debug|"
     r"freeze", (False, True)),
    (r".*dropout.*|.*drop_?(path|rate|prob)?.*|p|.*prob|dpr", (0.0, 0.1, [0.0, 0.0])),
    (r".*eps(ilon)?", (1e-5, 1e-3)),
    (r".*heads?|.*_heads?|nheads?|n_?heads?|num_head.*|.*attention_heads|h", (4, 2, 8, 1)),
    (r"(dim_|.*_?head_?)(head|dim|size|width|channels?)|head_dim.*|d_k|d_v|.*attention_head_dim|"
     r"n_embd_head", (8, 16, 4, 32)),
    (r".*kernel.*|ks|k|.*conv_?size.*|.*window.*|win.*|filter_size|.*radius", (3, (3, 3), 4, 7, 8, 5, 1)),
    (r".*patch.*size|.*patch|patch_?s|p[12]", (8, 4, (8, 8), 16, 2)),
    (r"(max|seq|context|block|input|sequence|src|tgt|text|audio|chunk|sample)?_?"
     r"(seq_?)?_?(length|len|positions?|position_embeddings)|n_ctx|.*_len|.*_length|max_len.*|seq_.*|block_size|"
     r"t", (16, 32, 64)),
    (r".*num_patches|n_?patches|.*num_pos.*", (16, 64)),
    (r".*(image|img|input|sample|feat|spatial|grid|crop|map|out|output|fmap|roi|slice)_?(size|res|resolution|hw|"
     r"shape)s?|"
     r"resolution|height|width|size|h|w|shape|.*_resolution|.*_(height|"
     r"width)", (32, (32, 32), 64, 16, 224, 4, 1, (3, 32, 32))),
    (r".*frames?|temporal.*|num_(segments|clips)|time_?steps?|n_?steps?", (4, 8, 2)),
    (r".*depths|.*num_blocks|.*layers_per.*|.*num_layers_list|layers", ([1, 1], 1, [1, 1, 1, 1], [32, 32], 2)),
    (r".*depth.*|.*(n|num|number)_?(of_)?_?(.*_)?(layers?|blocks?|stages?|repeats?|cells?|res.*|levels?)|"
     r".*_layers?|.*_blocks?|n_layer|layers?_?n.*|repeats?|stages?",
     (1, 2, 4, [1, 1])),
    (r".*class(es)?|n_?cls|.*num_labels|.*n_?(target|output)s?|c_out|out_dims?|num_output.*|"
     r".*categories", (10, 2, 1, 32)),
    (r".*vocab.*|.*num_embeddings|(n|num)_?(words|tokens?|ids|items|users|entries)|.*codebook_size|dict.*|"
     r".*n_?embed", (64, 32, 100)),
    (r"(n|num|number_of)_?(?:in_|out_|hidden_)?(features?|channels?|filters?|inputs?|hidden.*|units?|feats?|ch|in|out|planes|fft|"
     r"dims?|bands)",
     (32, 16, 64, 4)),
    (r".*group.*|cardinality|.*num_experts|.*codebooks?|(.*_)?(n|num)_.*", (4, 2, 1, 8, 32)),
    (r".*stride.*|.*dilation.*|.*expand.*|.*expansion.*|.*factor|.*multi.*|mult|.*ratio.*|.*rate|.*upscale|"
     r".*downscale|upsample|downsample",
     (1, 2, 4, 0.5, 0.25, (1, 1))),
    (r".*padding.*|pad|.*offset|shift.*|start.*|.*index|idx|.*_id|.*axis|order|degree|l|lmax|.*rank", (1, 0, 2, 4)),
    (r"dim_?(in|out)|in_?dim|.*dims?|.*channels?|.*features?|.*feats?|.*planes|.*hidden.*|.*embed.*|in_?ch.*|"
     r"out_?ch.*|.*filters?|"
     r"n_?f|nc|ch|c|d|n|m|d_.*|.*units?|.*neurons|inp|oup|c_in|ni|nh|.*_size|in_|out|.*width|.*_nc|n_.*|num_.*|"
     r".*_num|.*chan.*|.*_c|.*latent.*|.*state.*|input_?s?|output_?s?|"
     r".*bins|.*mels?|.*size|.*_in|.*_out|.*planes.*|.*bottleneck|.*inner.*", (32, 16, 64, [32, 32], 3, 1, 4, 128)),
    (r".*act(ivation)?s?(_?(layer|func|fn|function|cfg|cls|type|module))?|.*non_?lin.*|.*gate_layer",
     (RELU, "relu", py("torch.nn.ReLU()"), "gelu", "silu", "swish", py("torch.nn.functional.relu"))),
    (r".*norm.*(layer|fn|cls|type|class|func)?|.*bn.*",
     (py("torch.nn.LayerNorm"), py("torch.nn.BatchNorm2d"), "batch", "layer_norm", "batch_norm",
      py("torch.nn.LayerNorm(32)"), "bn", None)),
    (r".*(mode|method|type|kind|name|variant|style|reduction|format|scheme|arch|pool.*|strategy|model_type)", TEXTS),
    (r".*device.*", ("cpu",)),
    (r".*dtype.*", (py("torch.float32"),)),
    (r".*(mask|tensor|weights?|matrix|points?|anchors?|mean|std|betas?|sigmas|kernel|data|x|y|adj|graph)", TENSORS),
    (r".*(lr|alpha|beta|gamma|lambda|lam|sigma|temperature|temp|tau|std|var|scale|scaling|margin|momentum|decay|"
     r"threshold|thresh|value|weight|coef.*|init.*|slope|min.*|max.*|freq.*|.*_s|s|delta)",
     (1.0, 0.1, 0.5, 2, 1)),
    (r".*(fn|func|function|callback|factory|factory_fn|cls|class|builder|layer|op|transform|criterion|"
     r"loss.*)", FUNCTIONS),
    (r".*(module|net|network|model|encoder|decoder|backbone|block|base|stem|neck|student|teacher|vit|"
     r"transformer|embedding|discriminator|"
     r"generator|extractor|tokenizer|attn|attention|ff|mlp|fc|conv|proj.*|head|body|trunk|critic|actor|rnn|unit|"
     r"wrapped.*|sublayer)", MODULES),
    (r".*(modules|nets|models|blocks|branches|losses|transforms|list|encoders|"
     r"decoders)", ([MODULES[1]], [MODULES[1], MODULES[1]])),
)  # fmt: skip
_RULES = tuple((re.compile(pattern, re.IGNORECASE), values) for pattern, values in _TABLE)
DEPTHS = re.compile(r".*(depth|layers?|blocks?|stages?|repeats?|levels?).*", re.IGNORECASE)
WIDTHS = re.compile(
    r".*(dim|channels?|hidden|embed|width|features?|planes|heads?|inner|ff|filters?|size|"
    r"d_model|vocab).*",
    re.IGNORECASE,
)
SWITCHES = re.compile(r"pretrained.*|.*weights?|.*checkpoint.*|.*download.*|.*from_hub.*|.*pretrain.*|.*load.*")
"""Parameters that, when on, make a constructor reach for the network."""


def usual(name: str) -> Iterator[object]:
    """Yields what a parameter of that name takes, by every line of the table that fits, the most telling first."""
    plain = name.strip("_")
    for pattern, values in _RULES:
        if pattern.fullmatch(plain):
            yield from values
