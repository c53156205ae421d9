"""Settings of the documentation."""

import sys
from importlib.metadata import version as installed_version
from pathlib import Path

project = "jaksim"
author = "The jaksim authors"
project_copyright = "2026, The jaksim authors"
version = release = installed_version("jaksim")

extensions = ["myst_parser", "sphinx.ext.autodoc"]
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath", "fieldlist"]
myst_heading_anchors = 3
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = f"jaksim {release}"

sys.path.insert(0, str(Path(__file__).parent))
import reference_pages  # noqa: E402

reference_pages.write(Path(__file__).parent / "reference")
