"""Well-known classes outside torch that are (or are not) subclasses of ``torch.nn.Module``."""

from __future__ import annotations

_MODULE_BASES = frozenset({
    "pytorch_lightning.LightningModule", "pytorch_lightning.core.LightningModule",
    "pytorch_lightning.core.lightning.LightningModule", "pytorch_lightning.core.module.LightningModule",
    "lightning.LightningModule", "lightning.pytorch.LightningModule", "lightning.pytorch.core.LightningModule",
    "lightning.pytorch.core.module.LightningModule", "lightning_fabric.wrappers._FabricModule",
    "transformers.PreTrainedModel", "transformers.modeling_utils.PreTrainedModel",
    "diffusers.ModelMixin", "diffusers.models.ModelMixin", "diffusers.models.modeling_utils.ModelMixin",
    "huggingface_hub.PyTorchModelHubMixin",
    "mmcv.runner.BaseModule", "mmcv.runner.base_module.BaseModule", "mmengine.model.BaseModule",
    "mmengine.model.base_module.BaseModule", "mmengine.model.BaseModel", "mmengine.model.BaseDataPreprocessor",
    "mmengine.model.ImgDataPreprocessor",
    "torch_geometric.nn.MessagePassing", "torch_geometric.nn.conv.MessagePassing",
    "torch_geometric.nn.conv.message_passing.MessagePassing",
    "fairseq.models.BaseFairseqModel", "fairseq.models.FairseqModel", "fairseq.models.FairseqEncoder",
    "fairseq.models.FairseqDecoder", "fairseq.models.FairseqIncrementalDecoder",
    "fairseq.models.FairseqEncoderModel", "fairseq.models.FairseqEncoderDecoderModel",
    "fairseq.models.FairseqLanguageModel",
    "allennlp.models.Model", "allennlp.models.model.Model", "allennlp.modules.seq2vec_encoders.Seq2VecEncoder",
    "allennlp.modules.seq2seq_encoders.Seq2SeqEncoder", "allennlp.modules.token_embedders.TokenEmbedder",
    "gpytorch.Module", "gpytorch.kernels.Kernel", "gpytorch.means.Mean", "gpytorch.models.ExactGP",
    "gpytorch.models.ApproximateGP", "gpytorch.models.GP",
    "torchvision.models.ResNet", "torchvision.models.resnet.ResNet", "torchvision.models.VGG",
    "torchvision.models.DenseNet", "torchvision.models.vision_transformer.VisionTransformer",
    "timm.models.vision_transformer.VisionTransformer", "timm.models.resnet.ResNet",
    "timm.models.swin_transformer.SwinTransformer", "timm.models.layers.Mlp", "timm.layers.Mlp",
    "sentence_transformers.SentenceTransformer", "peft.PeftModel", "escnn.nn.EquivariantModule",
    "segmentation_models_pytorch.base.SegmentationModel", "nemo.core.NeuralModule",
    "nemo.core.classes.NeuralModule", "nemo.core.classes.module.NeuralModule",
    "botorch.models.model.Model", "pyro.nn.PyroModule", "kornia.core.Module", "e3nn.nn.Gate",
})  # fmt: skip

_MODULE_ENDINGS = ("LightningModule", "PreTrainedModel")
"""Last names under which Lightning and transformers export their bases, whatever the path."""

_EXEMPT = frozenset({"torchmetrics.Metric", "torchmetrics.metric.Metric", "pytorch_lightning.metrics.Metric"})
"""nn.Modules with a state mechanism of their own (``add_state``)."""

_INITIALISED = frozenset({"fastai.torch_core.Module", "fastai.basics.Module", "fastcore.meta.Module"})
"""nn.Modules whose metaclass calls ``nn.Module.__init__`` before the class's own ``__init__``."""

_PLAIN = frozenset({
    "object", "abc.ABC", "typing.Generic", "typing.Protocol", "typing_extensions.Protocol",
    "typing_extensions.Generic", "Exception", "dict", "list", "tuple", "str", "int", "float", "set", "enum.Enum",
    "typing.NamedTuple", "typing.TypedDict", "collections.OrderedDict", "collections.UserDict", "ValueError",
    "RuntimeError", "TypeError", "type", "enum.IntEnum", "enum.Flag", "BaseException", "collections.abc.Mapping",
})  # fmt: skip

META_INITIALISED = frozenset({
    "transformers.PreTrainedModel", "transformers.modeling_utils.PreTrainedModel",
    "diffusers.ModelMixin", "diffusers.models.ModelMixin", "diffusers.models.modeling_utils.ModelMixin",
})  # fmt: skip
"""Bases whose ``from_pretrained`` builds the model on the meta device and loads values into it."""


def is_module_base(name: str) -> bool | None:
    """True or False when the class of that dotted name is well known, None otherwise."""
    last = name.rpartition(".")[2]
    if name in _MODULE_BASES or name in _INITIALISED or last.endswith(_MODULE_ENDINGS):
        return True
    return False if name in _PLAIN or name in _EXEMPT else None


def is_exempt(name: str) -> bool:
    return name in _EXEMPT


def calls_init_itself(name: str) -> bool:
    return name in _INITIALISED
