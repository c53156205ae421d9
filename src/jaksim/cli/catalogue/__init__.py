"""Commands under `jaksim evidence`, one each."""
