"""The ring of Gaussians and the count of its modes."""

import math

import pytest
import torch

from aigc_edu.models.toy import mode_shares, ring_centers, ring_samples, toy_network


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_the_centers_are_equally_spaced_on_the_circle():
    centers = ring_centers(8, radius=2.0)
    assert torch.allclose(centers.norm(dim=1), torch.full((8,), 2.0))
    chords = (centers - centers.roll(1, dims=0)).norm(dim=1)
    assert torch.allclose(chords, torch.full((8,), 4 * math.sin(math.pi / 8)))
    assert torch.allclose(centers[0], torch.tensor([2.0, 0.0]))
    assert centers[1, 1] > 0  # counterclockwise


def test_the_samples_reach_every_mode_equally_and_are_as_wide_as_asked():
    samples, centers = ring_samples(40_000, seeded(), deviation=0.05), ring_centers()
    shares = mode_shares(samples, centers)
    # Standard error of a share of 1/8: 0.0017; six standard deviations lose nobody.
    assert torch.allclose(shares, torch.full((8,), 1 / 8), atol=0.008)
    assert shares.sum() == pytest.approx(1.0)
    which = torch.cdist(samples, centers).argmin(dim=1)
    assert (samples - centers[which]).std().item() == pytest.approx(0.05, rel=0.02)


def test_the_same_generator_state_draws_the_same_points():
    assert torch.equal(ring_samples(10, seeded(3)), ring_samples(10, seeded(3)))
    assert not torch.equal(ring_samples(10, seeded(3)), ring_samples(10, seeded(4)))


def test_a_dropped_mode_has_no_share_and_points_between_modes_count_for_none():
    centers = ring_centers()
    samples = torch.cat([centers[:3], torch.zeros(1, 2)])  # three modes and the origin
    shares = mode_shares(samples, centers)
    assert shares.tolist() == [0.25] * 3 + [0.0] * 5


def test_counting_changes_nothing_and_asks_for_no_gradient():
    samples = ring_centers().requires_grad_()
    assert not mode_shares(samples, ring_centers()).requires_grad


@pytest.mark.parametrize(
    "call",
    [
        lambda: ring_centers(0),
        lambda: ring_centers(8, radius=0.0),
        lambda: ring_samples(-1),
        lambda: ring_samples(3, deviation=-0.1),
        lambda: mode_shares(torch.zeros(0, 2), ring_centers()),
        lambda: mode_shares(torch.zeros(3, 3), ring_centers()),
        lambda: mode_shares(torch.zeros(2), ring_centers()),
    ],
)
def test_bad_input_is_refused(call):
    with pytest.raises(ValueError, match=r"\w+"):
        call()


def test_the_network_has_two_hidden_layers():
    network = toy_network(2, 1, hidden=16)
    assert [tuple(p.shape) for p in network.parameters() if p.ndim == 2] == [
        (16, 2),
        (16, 16),
        (1, 16),
    ]
