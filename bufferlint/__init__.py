"""A linter and refactoring tool for tensors that an ``nn.Module`` forgot to register as buffers.

Importing this package does no work: the command line lives in `bufferlint.cli`, the pipeline in `bufferlint.engine`.
``bufferlint.audit(model)`` takes stock of a living model; it needs torch, which is imported with the first use.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bufferlint.runtime import audit as audit

__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    if name != "audit":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from bufferlint.runtime import audit

    return audit
