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
    "kornia.core.ImageModule", "detectron2.modeling.Backbone", "detectron2.modeling.backbone.Backbone",
    "detectron2.modeling.backbone.backbone.Backbone", "detectron2.layers.CNNBlockBase",
    "espnet2.train.abs_espnet_model.AbsESPnetModel", "espnet2.asr.encoder.abs_encoder.AbsEncoder",
    "espnet2.asr.decoder.abs_decoder.AbsDecoder", "espnet2.asr.frontend.abs_frontend.AbsFrontend",
    "espnet2.layers.abs_normalize.AbsNormalize", "espnet2.tts.abs_tts.AbsTTS",
    "botorch.models.model.Model", "pyro.nn.PyroModule", "kornia.core.Module", "e3nn.nn.Gate",
    "botorch.acquisition.AcquisitionFunction", "botorch.acquisition.acquisition.AcquisitionFunction",
    "botorch.acquisition.analytic.AnalyticAcquisitionFunction", "botorch.acquisition.objective.MCAcquisitionObjective",
    "botorch.models.transforms.input.InputTransform", "botorch.models.transforms.outcome.OutcomeTransform",
    "botorch.sampling.base.MCSampler",
    "gpytorch.likelihoods.Likelihood", "gpytorch.likelihoods.GaussianLikelihood", "gpytorch.mlls.MarginalLogLikelihood",
    "gpytorch.models.deep_gps.DeepGPLayer", "gpytorch.kernels.RBFKernel",
    "nflows.transforms.Transform", "nflows.transforms.base.Transform", "nflows.distributions.Distribution",
    "nflows.distributions.base.Distribution", "nflows.flows.Flow", "nflows.flows.base.Flow", "nflows.nn.nde.MADE",
    "nflows.nn.nde.made.MADE", "nflows.transforms.autoregressive.AutoregressiveTransform",
    "nflows.transforms.coupling.CouplingTransform", "nflows.nn.nets.ResidualNet", "nflows.nn.nets.MLP",
    "normflows.NormalizingFlow", "normflows.flows.Flow", "normflows.flows.base.Flow",
    "normflows.distributions.BaseDistribution", "normflows.distributions.base.BaseDistribution",
    "zuko.lazy.LazyDistribution", "zuko.lazy.LazyTransform", "zuko.lazy.Flow", "zuko.flows.Flow", "zuko.nn.MLP",
    "tensordict.nn.TensorDictModule", "tensordict.nn.TensorDictModuleBase", "torchrl.objectives.LossModule",
    "torchrl.objectives.common.LossModule", "torchrl.envs.Transform", "torchrl.envs.transforms.Transform",
    "torchrl.envs.transforms.transforms.Transform",
    "stable_baselines3.common.torch_layers.BaseFeaturesExtractor", "stable_baselines3.common.policies.BaseModel",
    "stable_baselines3.common.policies.BasePolicy", "stable_baselines3.common.policies.ActorCriticPolicy",
    "pytorch_forecasting.models.BaseModel", "pytorch_forecasting.models.BaseModelWithCovariates",
    "pytorch_forecasting.models.base_model.BaseModel", "pytorch_forecasting.models.base_model.BaseModelWithCovariates",
    "deepinv.physics.Physics", "deepinv.physics.LinearPhysics", "deepinv.physics.forward.Physics",
    "deepinv.physics.forward.LinearPhysics", "deepinv.physics.noise.NoiseModel", "deepinv.models.Denoiser",
    "deepinv.models.Reconstructor", "deepinv.models.base.Denoiser", "deepinv.models.base.Reconstructor",
    "deepinv.loss.Loss", "deepinv.optim.Prior", "deepinv.optim.DataFidelity", "torchgeo.trainers.BaseTask",
    "darts.models.forecasting.pl_forecasting_module.PLForecastingModule",
    "sbi.neural_nets.estimators.base.ConditionalDensityEstimator",
})  # fmt: skip

_OF_MODULES = (
    "torchaudio.transforms.", "torchvision.ops.", "torchvision.transforms.v2.", "monai.networks.nets.",
    "monai.networks.blocks.", "timm.layers.", "timm.models.layers.", "torch_geometric.nn.conv.",
    "pytorch_metric_learning.losses.", "pytorch_metric_learning.miners.", "pytorch_metric_learning.distances.",
    "pytorch_metric_learning.reducers.", "pytorch_metric_learning.regularizers.",
)  # fmt: skip
"""Packages whose classes are modules, one by one."""
_NO_MODULES = frozenset({"LayerType", "PadType", "Format", "SkipMode", "InterpolationMode"})


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


_UNVERSIONED = ("huggingface_hub.", "diffusers.", "mmengine.model.Base", "abc.", "typing.")

EMPTIED = frozenset({"transformers.PreTrainedModel", "transformers.modeling_utils.PreTrainedModel"})
"""Those whose ``from_pretrained`` gives buffers that are not saved memory without values (transformers 5)."""


def is_module_base(name: str) -> bool | None:
    """True or False when the class of that dotted name is well known, None otherwise."""
    last = name.rpartition(".")[2]
    if name in _MODULE_BASES or name in _INITIALISED or last.endswith(_MODULE_ENDINGS):
        return True
    if is_finished_module(name):
        return True
    return False if name in _PLAIN or name in _EXEMPT else None


def is_finished_module(name: str) -> bool:
    """Returns whether it is a layer or model of a package: it may have attributes of any name."""
    last = name.rpartition(".")[2]
    plain = last[:1].isupper() and last not in _NO_MODULES
    return plain and (name.startswith(_OF_MODULES) or _is_of_transformers(name))


def _is_of_transformers(name: str) -> bool:
    """Returns whether it is a layer or model of a file ``modeling_...`` of transformers: what such files define beside
    those are outputs."""
    parts = name.split(".")
    file = parts[-2] if len(parts) > 2 and parts[0] == "transformers" else ""
    framework = file.removeprefix("modeling_").partition("_")[0]
    is_file = file.startswith("modeling_") and framework not in ("tf", "flax", "outputs", "utils", "rope", "attn")
    return is_file and not parts[-1].endswith(("Output", "Outputs", "Cache", "Config", "Mixin"))


def is_exempt(name: str) -> bool:
    return name in _EXEMPT


def is_unversioned(name: str) -> bool:
    """Returns whether it is a base that gives its state_dict no version of its own."""
    last = name.rpartition(".")[2]
    return name in _PLAIN or last.endswith(_MODULE_ENDINGS) or name.startswith(_UNVERSIONED)


def calls_init_itself(name: str) -> bool:
    return name in _INITIALISED
