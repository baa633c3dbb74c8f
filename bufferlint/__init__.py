"""A linter and refactoring tool for tensors that an ``nn.Module`` forgot to register as buffers.

Importing this package does no work: the command line lives in `bufferlint.shell`, the pipeline in `bufferlint.engine`.
"""

__version__ = "0.1.0"
