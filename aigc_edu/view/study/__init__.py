"""A study under a cell: which of two images is the real one?"""

from aigc_edu.view.study.study import Observer, Pair, Side, Study, StudyResult, fair_pairs

__all__ = ["Observer", "Pair", "Side", "Study", "StudyResult", "fair_pairs"]
