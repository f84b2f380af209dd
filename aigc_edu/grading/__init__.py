"""Grading submitted notebooks: what a lecturer with 200 of them needs for an evening.

Four wings, each may call those below it and none above (a contract in ``pyproject.toml``)::

    release · nbgrader · forget     what students get; a student taken out of everything
    results/                        from the ledger to what people and platforms read
    judge/                          by what is graded; from outputs to a mark in the ledger
    sandbox/        intake/         where an answer runs; what was handed in, and by whom

The walk of a submission::

    collect    intake/collecting    lists a download (archives), lets its platform read the names
                                    (canvas, moodle, plain_folders), asks the roster whose it is,
                                    keeps one notebook an attempt: a collection
    grade      judge/folder         manifest, ledger and how it was made, in one folder
               judge/pool           many submissions: processes here, or a cluster
               judge/grader         one submission, in a session of
               sandbox/session      a bubblewrap with a library without answers, in which
               sandbox/box          the worker finds and runs one answer in a fork of itself
               judge/questions      compares what came out with the reference, here outside
               judge/ledger         takes the line; only ever appended to
    report     results/totals       ledger, marks by hand, late rules and roster: what each gets
               results/report       marks.csv, feedback, the class, gradebooks, Gradescope

``regrade`` and ``appeal`` enter at judge/folder with what ``grade`` left there; ``release``
writes a manifest (judge/specification) before all of it, ``forget`` goes through all four.
What comes from outside is not trusted at two borders: intake/archives and intake/safe for
files and names, sandbox/box/wire for what an answer sends.
"""
