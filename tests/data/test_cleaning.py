"""The finders, on faults planted where we know them, and on digits that have none."""

import pytest
import torch

import aigc_edu.data as data


@pytest.fixture(scope="module")
def train() -> data.ImageSet:
    return data.load_digits("train", limit=6000)


@pytest.fixture(scope="module")
def test_set() -> data.ImageSet:
    return data.load_digits("test", limit=2000)


@pytest.fixture(scope="module", params=[0, 1])
def spoilt(
    request: pytest.FixtureRequest, train: data.ImageSet, test_set: data.ImageSet
) -> data.SpoiltSet:
    return data.spoil_digits(train, request.param, test=test_set)


def test_what_is_planted(spoilt: data.SpoiltSet, train: data.ImageSet) -> None:
    assert len(spoilt.images) == len(spoilt.labels) == 6000 + 180
    every = torch.cat(list(spoilt.planted.values()))
    assert len(every) == len(every.unique()) == 8 * 60
    again = data.spoil_digits(train, 0)
    assert "leaks" in again.planted
    assert len(again.planted["leaks"]) == 0


def test_the_original_is_left_alone(train: data.ImageSet) -> None:
    before = train.images.clone(), train.labels.clone()
    data.spoil_digits(train, 0)
    assert torch.equal(before[0], train.images)
    assert torch.equal(before[1], train.labels)


def test_the_certain_faults_are_found_exactly(spoilt: data.SpoiltSet) -> None:
    x, planted = spoilt.images, spoilt.planted
    assert torch.equal(data.find_not_finite(x), planted["not_finite"])
    assert torch.equal(data.find_out_of_range(x), planted["wrong_range"])
    assert torch.equal(data.find_blanks(x), planted["blanks"])
    assert torch.equal(data.find_inverted(x), planted["inverted"])
    found = data.find_exact_duplicates(x)
    black = [i for i in found.tolist() if i not in planted["exact_duplicates"].tolist()]
    # The black blanks repeat one another: the only other exact duplicates.
    assert set(black) <= set(planted["blanks"].tolist())
    assert set(planted["exact_duplicates"].tolist()) <= set(found.tolist())


def test_near_duplicates_and_leaks(spoilt: data.SpoiltSet, test_set: data.ImageSet) -> None:
    both = set(spoilt.planted["exact_duplicates"].tolist())
    both |= set(spoilt.planted["near_duplicates"].tolist())
    found = set(data.find_near_duplicates(spoilt.images).tolist())
    assert found <= both
    assert len(found) >= 0.97 * len(both)
    leaks = set(data.find_leaks(spoilt.images, test_set.images).tolist())
    assert leaks <= set(spoilt.planted["leaks"].tolist())
    assert len(leaks) >= 57


def test_wrong_labels(spoilt: data.SpoiltSet) -> None:
    found = data.find_label_outliers(spoilt.images, spoilt.labels)
    hits = torch.isin(spoilt.planted["wrong_labels"], found).float().mean()
    assert float(hits) >= 0.75
    clean = data.find_label_outliers(spoilt.images, spoilt.labels, own=0, agreed=10)
    assert set(clean.tolist()) <= set(found.tolist())


def test_clean_digits_have_no_certain_fault(train: data.ImageSet, test_set: data.ImageSet) -> None:
    for find in (
        data.find_not_finite,
        data.find_out_of_range,
        data.find_blanks,
        data.find_inverted,
        data.find_exact_duplicates,
        data.find_near_duplicates,
    ):
        assert len(find(train.images)) == 0, find
    assert len(data.find_leaks(train.images, test_set.images)) == 0
    assert len(data.find_label_outliers(train.images, train.labels)) <= 0.01 * 6000


def test_no_pair_is_missed() -> None:
    """Against all pairs compared plainly, at a threshold with many pairs."""
    from aigc_edu.data.cleaning import _directions

    images = data.load_digits("test", limit=800).images
    first, owner = _directions(images, undecided=True)
    distance = torch.cdist(first.double(), first.double())
    close = (distance <= 0.35).nonzero()
    close = owner[close]
    close = close[close[:, 0] < close[:, 1]].unique(dim=0)
    assert len(close) > 20
    assert torch.equal(data.near_duplicate_pairs(images, threshold=0.35), close)


def test_the_later_twin_is_returned_and_groups_agree() -> None:
    images = data.load_digits("test", limit=10).images
    twins = torch.cat([images, images[[3, 3, 7]]])
    assert data.find_near_duplicates(twins).tolist() == [10, 11, 12]
    assert data.find_near_duplicates(images[3:4], twins).tolist() == [0]
    assert data.near_duplicate_pairs(twins).tolist() == [[3, 10], [3, 11], [7, 12], [10, 11]]
    groups = data.duplicate_groups(twins)
    assert len(groups.unique()) == 10
    assert groups[3] == groups[10] == groups[11] != groups[7] == groups[12]


def test_leaks_are_indices_of_the_first_set() -> None:
    images = data.load_digits("test", limit=30).images
    assert data.find_leaks(images[:20], images[19:]).tolist() == [19]
    assert data.find_leaks(images[19:], images[:20]).tolist() == [0]


@pytest.mark.parametrize(
    "call",
    [
        lambda: data.find_blanks(torch.zeros(0, 1, 28, 28)),
        lambda: data.find_blanks(torch.zeros(3, 4, dtype=torch.int64)),
        lambda: data.find_inverted(torch.zeros(3, 4)),
        lambda: data.find_near_duplicates(torch.zeros(3, 1, 4, 4), threshold=0),
        lambda: data.find_leaks(torch.zeros(3, 1, 4, 4), torch.zeros(3, 1, 5, 5)),
        lambda: data.find_label_outliers(torch.zeros(30, 9), torch.zeros(29, dtype=torch.int64)),
        lambda: data.find_label_outliers(torch.zeros(5, 9), torch.zeros(5, dtype=torch.int64)),
        lambda: data.spoil_digits(data.load_digits(limit=10)),
        lambda: data.spoil_digits(data.load_digits(limit=100), share=0.5),
    ],
)
def test_bad_input_is_a_value_error(call: object) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        call()  # type: ignore[operator]
