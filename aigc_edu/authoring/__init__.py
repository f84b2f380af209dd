"""From a lesson's one source to what a learner opens; executing notebooks and printing them."""
