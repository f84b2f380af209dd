"""The subcommands of ``aigc-edu``, one module each; a module exposes ``command``."""
