"""Which variables of the environment the worker gets: those that Python, torch and compilers need, and no secrets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

_NAMES = frozenset(
    {
        *("PATH", "HOME", "USER", "LOGNAME", "SHELL", "TERM", "LANG", "LANGUAGE", "TZ", "TMPDIR", "TEMP", "TMP"),
        *("LD_LIBRARY_PATH", "LD_PRELOAD", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH", "LIBRARY_PATH", "CPATH"),
        *("VIRTUAL_ENV", "CC", "CXX", "CFLAGS", "CXXFLAGS", "LDFLAGS", "INCLUDE", "LIB"),
        *("SYSTEMROOT", "WINDIR", "COMSPEC", "PATHEXT", "PROGRAMDATA", "PROGRAMFILES", "USERPROFILE", "USERNAME"),
        *("LOCALAPPDATA", "APPDATA", "NUMBER_OF_PROCESSORS", "PROCESSOR_ARCHITECTURE"),
    }
)
_BEGINNINGS = (
    *("LC_", "PYTHON", "CONDA_", "CUDA", "NVIDIA_", "NCCL_", "HIP_", "ROCM_", "ROCR_", "HSA_", "MIOPEN_"),
    *("OMP_", "MKL_", "KMP_", "GOMP_", "OPENBLAS_", "TORCH", "PYTORCH_", "TRITON_", "GLOO_", "SYCL_", "ZE_", "ONEAPI_"),
)
_SECRET = ("TOKEN", "SECRET", "PASSWORD", "PASSWD", "CREDENTIAL", "API_KEY", "APIKEY", "ACCESS_KEY", "PRIVATE_KEY")


def handed_on(environment: Mapping[str, str], names: Iterable[str] = ()) -> dict[str, str]:
    """The part of an environment that user code may see; ``names`` are those that the user adds, secrets too."""
    asked = frozenset(names)
    return {name: value for name, value in environment.items() if name in asked or _is_usual(name.upper())}


def _is_usual(name: str) -> bool:
    known = name in _NAMES or name.startswith(_BEGINNINGS)
    return known and not any(word in name for word in _SECRET)
