"""Where an answer runs: a box that holds no answers, and what may go in and come out."""
