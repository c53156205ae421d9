"""Settings of the documentation."""

from importlib.metadata import version as installed_version

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
