"""The explorers, a file each; lessons import them from :mod:`aigc_edu.view.explore`.

``base`` (``.py``, ``explorer.js``, ``explorer.css``) is what all of them share: a widget that asks
and Python that answers. ``decoders`` is how a learner's network is asked for a look.
"""
