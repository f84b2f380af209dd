"""By what is graded, from an answer's outputs to a mark, and the ledger that keeps it."""
