"""A wheel that carries compiled kernels, where the folder that they are in is named by JAKSIM_KERNELS."""

import os
import sysconfig
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CarriedKernels(BuildHookInterface):
    """Without kernels the wheel is one for every system."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        folder = os.environ.get("JAKSIM_KERNELS")
        if folder and version == "standard":
            build_data["force_include"][folder] = "jaksim/kernel/compiled"
            build_data["pure_python"] = False
            build_data["tag"] = f"py3-none-{sysconfig.get_platform().replace('-', '_').replace('.', '_')}"
