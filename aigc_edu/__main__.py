"""``python -m aigc_edu`` is the ``aigc-edu`` command."""

from aigc_edu.cli import main

main()
