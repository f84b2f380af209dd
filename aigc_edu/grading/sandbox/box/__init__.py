"""What runs inside the sandbox. It imports torch, the standard library and ``probing``.

Neither the exercises nor their references are there. Everything here is in the hands of
the submission once its code runs: what comes out is only ever taken as a claim, which
:mod:`aigc_edu.grading.judge.questions` compares outside with values that were never inside.
"""
