"""Submissions that misbehave are text to grade: nothing may import them."""

collect_ignore = ["hostile"]
