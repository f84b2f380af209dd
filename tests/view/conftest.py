"""What tests of the view share stands beside this file, in ``pretended.py``."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

pytest.register_assert_rewrite("pretended")
