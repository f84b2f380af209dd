"""Where a submission runs: a box without answers, and what may go in and come out."""
