"""The course's loop is as fast as it was, by ratios; and the guard that says so can fail."""

import importlib

import pytest
import torch

from aigc_edu.data import Batches


@pytest.fixture
def guard(program):
    return program("guard")


def test_a_ratio_that_fell_by_a_quarter_is_said(guard):
    before = {"a": {"median": 2.0, "low": 1.9, "high": 2.1}}
    assert guard.slower(before, {"a": {"median": 1.51, "low": 1.0, "high": 1.5}}) == []
    (sentence,) = guard.slower(before, {"a": {"median": 1.49, "low": 1.0, "high": 1.5}})
    assert sentence == "a: 1.49 (1-1.5), kept 2 (1.9-2.1), at least 1.50 is asked for"
    broken = {"a": {"median": float("nan"), "low": 1.0, "high": 1.5}}
    assert len(guard.slower(before, broken)) == 1


def test_what_is_watched_is_what_is_kept(guard):
    kept = importlib.import_module("measuring").kept("guard")
    watched = {
        f"{name}: the course's loop against {other}"
        for name, others in guard.WATCHED.items()
        for other in others
    }
    assert set(kept["ratios"]) == watched
    assert kept["machine"]["threads"] == 1


@pytest.mark.timed
def test_the_courses_loop_is_as_fast_as_it_was(guard):
    kept = importlib.import_module("measuring").kept("guard")["ratios"]
    now = guard.watch(rounds=7, seconds=0.3)
    print({what: ratio["median"] for what, ratio in now.items()})
    assert guard.slower(kept, now) == []


@pytest.mark.timed
def test_a_loader_that_fetches_one_image_at_a_time_is_noticed(guard, monkeypatch):
    at_once = Batches._draw

    def one_by_one(self, current):
        start = current.position
        x = at_once(self, current)
        digits = guard.training.PILDigits(self.images, torch.arange(len(self.images)), False)
        return torch.stack([digits[int(k)][0] for k in current.order[start : start + len(x)]])

    monkeypatch.setattr(Batches, "_draw", one_by_one)
    monkeypatch.setattr(guard, "WATCHED", {"MLP VAE": ("usual", "limit, float32")})
    kept = importlib.import_module("measuring").kept("guard")["ratios"]
    watched = {what: ratio for what, ratio in kept.items() if what.startswith("MLP VAE")}
    assert len(watched) == 2
    sentences = guard.slower(watched, guard.watch(rounds=5, seconds=0.2))
    assert any("against limit" in sentence for sentence in sentences), sentences
