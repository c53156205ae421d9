"""jaksim: from published evidence to the operating characteristics of a trial on an ordinal scale."""

__version__ = "0.1.0"
