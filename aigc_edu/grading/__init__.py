"""Grading submitted notebooks: what a lecturer with 200 of them needs for an evening.

``release`` writes what students get and a manifest. ``grade`` runs each submission in a
sandbox that holds neither answers nor references, compares outside, and appends to a
ledger. ``report`` makes files for people and platforms from it.
"""
