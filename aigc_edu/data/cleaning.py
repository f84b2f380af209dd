"""Looking before training: planted faults, and functions that find such faults in images.

Every finder takes images of shape (count, 1, 28, 28), or any (count, ...), uint8 or float, and
returns the indices of the images it would throw out: int64 (found,), in rising order. Where
images are twins, the first one is kept and the later ones are returned. All of them pass over
pixels that are not finite instead of failing; ``find_not_finite`` finds those.

The default thresholds were measured on the course's 20,000 training digits; the
figures are in ``recorded("cleaning")`` and come from ``benchmarks/cleaning.py``.
"""

from typing import NamedTuple

import torch

from aigc_edu.data.images import ImageSet

# Between the planted twins (at most 0.1 for nearly all) and the closest two different digits of
# the training set (0.15): see near_duplicate_pairs.
NEAR = 0.12


class SpoiltSet(NamedTuple):
    """What :func:`spoil_digits` returns.

    Attributes:
        images: float32 (count, 1, 28, 28); [0, 1] except where a fault was planted.
        labels: int64 (count,).
        planted: fault -> int64 (planted,), the indices of the images that have it, rising.
    """

    images: torch.Tensor
    labels: torch.Tensor
    planted: dict[str, torch.Tensor]


def spoil_digits(
    image_set: ImageSet, seed: int = 0, *, test: ImageSet | None = None, share: float = 0.01
) -> SpoiltSet:
    """Return a copy of clean digits with known faults planted in it, in random order.

    The faults, each on ``share`` of the images (at least one), never two on one image:

    - ``exact_duplicates``: a copy of another image is added;
    - ``near_duplicates``: a copy is added that was changed a little, by noise (standard
      deviation 0.03), by a brightness of 85 %, or by a shift of one pixel, a third each;
    - ``leaks``: an image of ``test`` is added (half of them with noise as above); none
      without ``test``;
    - ``blanks``: no digit, half of them pure black and half faint noise;
    - ``inverted``: black on white;
    - ``wrong_labels``: another label, drawn evenly from the nine others;
    - ``not_finite``: a block of 4 x 4 pixels is NaN;
    - ``wrong_range``: 0 to 255 among 0 to 1.

    Of two twins, the index that is planted is always the later one.

    Args:
        image_set: clean digits, at least 20.
        seed: decides what is planted and where.
        test: where leaks come from.
        share: between 0 and 0.1.

    Raises:
        ValueError: if there are too few images or the share is out of its bounds.

    >>> from aigc_edu.data import load_digits
    >>> spoilt = spoil_digits(load_digits("train", limit=1000), test=load_digits("test", limit=100))
    >>> len(spoilt.images), sorted(spoilt.planted)[:3], len(spoilt.planted["blanks"])
    (1030, ['blanks', 'exact_duplicates', 'inverted'], 10)
    """
    count = len(image_set.images)
    if count < 20 or not 0 < share <= 0.1:
        raise ValueError("spoil_digits needs at least 20 images and a share above 0, up to 0.1")
    generator = torch.Generator().manual_seed(seed)
    each = max(1, round(share * count))
    images = image_set.images.to("cpu", torch.float32) / 255
    labels = image_set.labels.to("cpu").clone()
    # Disjoint sets of victims: the originals of the copies and the images spoilt in place.
    chosen = torch.randperm(count, generator=generator)[: 7 * each].reshape(7, each)
    twins, cousins, blanks, inverted, wrong, broken, stretched = chosen

    added_images = [images[twins], _changed(images[cousins], generator)]
    added_labels = [labels[twins], labels[cousins]]
    if test is not None:
        leaked = torch.randperm(len(test.images), generator=generator)[:each]
        leaks = test.images[leaked].to("cpu", torch.float32) / 255
        half = len(leaks) // 2
        leaks[:half] = _noisy(leaks[:half], generator)
        added_images.append(leaks)
        added_labels.append(test.labels[leaked].to("cpu"))

    half = each // 2
    images[blanks] = 0.0
    faint = 0.02 * torch.rand(images[blanks[:half]].shape, generator=generator)
    images[blanks[:half]] = faint
    images[inverted] = 1 - images[inverted]
    labels[wrong] = (labels[wrong] + torch.randint(1, 10, (each,), generator=generator)) % 10
    rows = torch.randint(4, 20, (each, 2), generator=generator)
    for index, (row, column) in zip(broken.tolist(), rows.tolist(), strict=True):
        images[index, :, row : row + 4, column : column + 4] = torch.nan
    images[stretched] *= 255

    all_images = torch.cat([images, *added_images])
    all_labels = torch.cat([labels, *added_labels])
    # place[i] is where image i goes.
    position = torch.randperm(len(all_images), generator=generator)
    originals = torch.cat([twins, cousins])
    copies = torch.arange(count, count + 2 * each)
    first = torch.minimum(position[originals], position[copies])
    second = torch.maximum(position[originals], position[copies])
    position[originals], position[copies] = first, second
    order = torch.argsort(position)
    planted = {
        "exact_duplicates": position[copies[:each]],
        "near_duplicates": position[copies[each:]],
        "leaks": position[count + 2 * each :],
        "blanks": position[blanks],
        "inverted": position[inverted],
        "wrong_labels": position[wrong],
        "not_finite": position[broken],
        "wrong_range": position[stretched],
    }
    planted = {name: indices.sort().values for name, indices in planted.items()}
    return SpoiltSet(all_images[order], all_labels[order], planted)


def _noisy(images: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    noise = 0.03 * torch.randn(images.shape, generator=generator)
    return (images + noise).clamp(0, 1)


def _changed(images: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Noise on the first third, less brightness on the second, a shift on the rest."""
    images = images.clone()
    third = max(1, len(images) // 3)
    images[:third] = _noisy(images[:third], generator)
    images[third : 2 * third] *= 0.85
    for index in range(2 * third, len(images)):
        axis = int(torch.randint(1, 3, (), generator=generator))
        step = 1 if int(torch.randint(0, 2, (), generator=generator)) else -1
        # The border of a digit is empty, so rolling brings nothing in from the other side.
        images[index] = images[index].roll(step, dims=axis)
    return images


def _as_float(images: torch.Tensor) -> torch.Tensor:
    if images.ndim < 2 or len(images) == 0:
        raise ValueError(f"images must be (count, ...), at least one, not {tuple(images.shape)}")
    if images.dtype == torch.uint8:
        return images.to(torch.float32) / 255
    if not images.is_floating_point():
        raise ValueError(f"images must be uint8 or floats, not {images.dtype}")
    return images.to(torch.float32)


def find_not_finite(images: torch.Tensor) -> torch.Tensor:
    """Return the indices of images with a pixel that is NaN or infinite.

    >>> find_not_finite(torch.tensor([[0.0, 1.0], [0.0, torch.nan]]))
    tensor([1])
    """
    x = _as_float(images).flatten(1)  # (count, pixels)
    return (~x.isfinite()).any(dim=1).nonzero().squeeze(1)


def find_out_of_range(images: torch.Tensor, low: float = 0.0, high: float = 1.0) -> torch.Tensor:
    """Return the indices of images with a finite pixel below ``low`` or above ``high``.

    Bytes count as 0 to 1 (255 is 1).

    >>> find_out_of_range(torch.tensor([[0.0, 1.0], [0.0, 255.0], [torch.nan, 0.5]]))
    tensor([1])
    """
    x = _as_float(images).flatten(1)  # (count, pixels)
    outside = ((x < low) | (x > high)) & x.isfinite()
    return outside.any(dim=1).nonzero().squeeze(1)


def find_blanks(images: torch.Tensor, minimum_contrast: float = 0.2) -> torch.Tensor:
    """Return the indices of images whose brightest and darkest pixel are nearly the same.

    Args:
        images: values in [0, 1] or bytes.
        minimum_contrast: smallest brightest-minus-darkest of an image with something on it. The
            course's digits have at least 0.9 (measured), faint noise has a few hundredths.

    >>> find_blanks(torch.tensor([[0.0, 0.01], [0.0, 1.0]]))
    tensor([0])
    """
    x = _as_float(images).flatten(1)  # (count, pixels)
    usable = x.isfinite()
    brightest = x.masked_fill(~usable, -torch.inf).amax(dim=1)
    darkest = x.masked_fill(~usable, torch.inf).amin(dim=1)
    # An image with no finite pixel at all gives -inf here; that is find_not_finite's business.
    contrast = brightest - darkest
    return ((contrast < minimum_contrast) & usable.any(dim=1)).nonzero().squeeze(1)


def find_inverted(images: torch.Tensor, threshold: float = 0.5) -> torch.Tensor:
    """Return the indices of images whose outermost ring of pixels is bright: ink on white.

    The ring's mean is compared with ``threshold`` times the way from the image's darkest to
    its brightest pixel, so that an image in a wrong range is judged alike. Blank
    images are never returned.

    Args:
        images: (count, ..., height, width).
        threshold: between 0 and 1. The course's digits stay below 0.1 (measured).

    >>> digit = torch.zeros(1, 1, 28, 28)
    >>> digit[:, :, 10:18, 13:15] = 1.0
    >>> find_inverted(torch.cat([digit, 1 - digit]))
    tensor([1])
    """
    if images.ndim < 3:
        raise ValueError(f"images must be (count, ..., height, width), not {tuple(images.shape)}")
    x = _as_float(images)
    x = x.reshape(len(x), -1, *x.shape[-2:])  # (count, channels, height, width)
    usable = x.isfinite()
    x = x.masked_fill(~usable, 0.0)
    darkest, brightest = x.amin(dim=(1, 2, 3)), x.amax(dim=(1, 2, 3))
    ring = torch.ones(x.shape[-2:], dtype=torch.bool)
    ring[1:-1, 1:-1] = False
    border = x[:, :, ring].mean(dim=(1, 2))
    contrast = brightest - darkest
    # Without enough contrast there is no ink and no paper: find_blanks has those.
    inverted = (border - darkest > threshold * contrast) & (contrast >= 0.2)
    return inverted.nonzero().squeeze(1)


def find_exact_duplicates(images: torch.Tensor) -> torch.Tensor:
    """Return the indices of images that repeat an earlier one bit by bit.

    Two blank images are duplicates of each other too: throw out blanks first.

    >>> find_exact_duplicates(torch.tensor([[1, 2], [3, 4], [1, 2], [1, 2]], dtype=torch.uint8))
    tensor([2, 3])
    """
    _as_float(images[:1])
    rows = images.detach().to("cpu").flatten(1).contiguous().numpy()
    seen: set[bytes] = set()
    again = []
    for index, row in enumerate(rows):
        content = row.tobytes()
        if content in seen:
            again.append(index)
        seen.add(content)
    return torch.tensor(again, dtype=torch.int64)


# Noise of 0.03 moves a digit's center of mass by 0.02 of a pixel on average, and by no more than
# this for 96 % of the 20,000 training digits (measured, along one axis).
_EDGE = 0.06


def _moved(x: torch.Tensor, down: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
    """Move each of (count, height, width) by its own whole number of pixels, around the edge."""
    count, height, width = x.shape
    source_rows = (torch.arange(height)[None] - down[:, None]) % height  # (count, height)
    source_columns = (torch.arange(width)[None] - right[:, None]) % width  # (count, width)
    x = x.gather(1, source_rows[:, :, None].expand(count, height, width))
    return x.gather(2, source_columns[:, None, :].expand(count, height, width))


def _steps(distance: torch.Tensor) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """Whole steps for a distance, and which images may take them.

    The first is the nearest step, for all. The second is the other one, for those so near
    to the middle between two that a twin may have been rounded the other way.
    """
    nearest = distance.round()
    other = torch.where(distance > nearest, nearest + 1, nearest - 1)
    undecided = (distance - nearest).abs() > 0.5 - _EDGE
    return [(nearest.long(), torch.ones_like(undecided)), (other.long(), undecided)]


def _recentered(x: torch.Tensor, undecided: bool) -> tuple[torch.Tensor, torch.Tensor]:
    """Move images by whole pixels so that their centers of mass are in the middle.

    Returns the moved images and whose each is; first every image once, in order, then (if
    ``undecided``) further versions of those that are halfway between two pixels.
    """
    _, height, width = x.shape
    # Faint pixels are left out of the balance: a little noise all over must not move it.
    ink = torch.where(x > 0.25 * x.amax(dim=(1, 2), keepdim=True), x, 0.0)
    total = ink.sum(dim=(1, 2)).clamp_min(1e-12)
    rows = torch.arange(height, dtype=x.dtype)
    columns = torch.arange(width, dtype=x.dtype)
    # To the pixel height // 2, where MNIST has it, so that few images are undecided.
    down = height // 2 - (ink.sum(dim=2) @ rows) / total  # (count,)
    right = width // 2 - (ink.sum(dim=1) @ columns) / total  # (count,)
    versions, owners = [], []
    for vertical, may_move_down in _steps(down):
        for horizontal, may_move_right in _steps(right):
            owner = (may_move_down & may_move_right).nonzero().squeeze(1)
            versions.append(_moved(x[owner], vertical[owner], horizontal[owner]))
            owners.append(owner)
    if not undecided:
        return versions[0], owners[0]
    return torch.cat(versions), torch.cat(owners)


def _directions(images: torch.Tensor, undecided: bool = False) -> tuple[torch.Tensor, torch.Tensor]:
    """Images as unit vectors that a brightness or a whole-pixel shift does not change.

    Returns (versions, pixels) and whose each version is; an image with nothing on it becomes
    a row of zeros. See :func:`_recentered` for ``undecided``.
    """
    x = _as_float(images).detach().to("cpu").nan_to_num(0.0, 0.0, 0.0)
    owner = torch.arange(len(x))
    if x.ndim >= 3:
        x = x.reshape(len(x), -1, *x.shape[-2:])
        if x.shape[1] == 1:
            x, owner = _recentered(x[:, 0], undecided)
    x = x.flatten(1)
    length = x.norm(dim=1, keepdim=True)
    return torch.where(length > 1e-6, x / length.clamp_min(1e-6), 0.0), owner


def _principal(x: torch.Tensor, rank: int) -> torch.Tensor:
    """The ``kept`` strongest orthonormal directions of the rows of x: (pixels, kept)."""
    # float64: with few images most eigenvalues are zero, and float32 may not converge.
    vectors: torch.Tensor = torch.linalg.eigh((x.T @ x).double()).eigenvectors
    return vectors[:, -rank:].to(x.dtype)


def near_duplicate_pairs(
    images: torch.Tensor, other: torch.Tensor | None = None, threshold: float = NEAR
) -> torch.Tensor:
    """Return the pairs of images that differ by little more than noise, brightness or a shift.

    Each image is moved by whole pixels until its center of mass is in the middle, and
    scaled to length 1; the distance of two such vectors, between 0 and 2, is what
    ``threshold`` is compared with.
    All pairs are looked at, and none is missed: an orthogonal projection on the first
    principal directions never makes a distance longer, so that only pairs that are close
    there have to be compared in full.

    Args:
        images: (count, ...), at least one.
        other: another set; None compares ``images`` with themselves.
        threshold: largest distance of a pair.

    Returns:
        int64 (pairs, 2). Within one set the first index is the smaller one; with ``other``
        the first is an index into ``images``, the second into ``other``. Blanks have no
        twins.
    """
    if not threshold > 0:
        raise ValueError(f"threshold must be above 0, not {threshold}")
    left, left_owner = _directions(images, undecided=True)
    # Across two sets one side's further versions are enough.
    right, right_owner = (left, left_owner) if other is None else _directions(other)
    if left.shape[1] != right.shape[1]:
        raise ValueError("the images of the two sets have different sizes")
    rank = min(48, left.shape[1])
    # Uncentered: any orthonormal directions are valid here, these separate best.
    projection = _principal(left, rank)
    left_small, right_small = left @ projection, right @ projection  # (count, kept)
    limit = threshold**2 + 1e-5  # float32 rounding must lose no pair
    left_square, right_square = left_small.square().sum(1), right_small.square().sum(1)
    pairs = []
    block = 2048
    for start in range(0, len(left), block):
        stop = min(start + block, len(left))
        first = start if other is None else 0  # only the upper triangle within one set
        # |a - b|^2 = |a|^2 + |b|^2 - 2ab <= limit  <=>  ab - |b|^2/2 >= (|a|^2 - limit)/2
        score = torch.addmm(
            -right_square[first:] / 2, left_small[start:stop], right_small[first:].T
        )
        close = (score >= (left_square[start:stop, None] - limit) / 2).nonzero()
        rows, columns = close[:, 0] + start, close[:, 1] + first
        if other is None:
            upper = columns > rows
            rows, columns = rows[upper], columns[upper]
        for part in range(0, len(rows), 65_536):
            a, b = rows[part : part + 65_536], columns[part : part + 65_536]
            distance = (left[a] - right[b]).norm(dim=1)
            inked = (left[a].square().sum(1) > 0) & (right[b].square().sum(1) > 0)
            good = (distance <= threshold) & inked
            pairs.append(torch.stack([left_owner[a[good]], right_owner[b[good]]], dim=1))
    index_pairs = torch.cat(pairs) if pairs else torch.zeros(0, 2, dtype=torch.int64)
    if other is None:
        index_pairs = (
            index_pairs[index_pairs[:, 0] != index_pairs[:, 1]].sort(dim=1).values
        )  # no version of itself
    distinct: torch.Tensor = torch.unique(index_pairs, dim=0)
    return distinct


def find_near_duplicates(
    images: torch.Tensor, other: torch.Tensor | None = None, threshold: float = NEAR
) -> torch.Tensor:
    """Return the indices of images that are nearly the same as an earlier one.

    With ``other``, the indices of ``images`` that are nearly the same as any image there. Exact
    duplicates are found too. See :func:`near_duplicate_pairs` for what is compared.

    >>> from aigc_edu.data import load_digits
    >>> digits = load_digits("test", limit=50).images
    >>> find_near_duplicates(torch.cat([digits, digits[:2].roll(1, dims=3)]))
    tensor([50, 51])
    """
    pairs = near_duplicate_pairs(images, other, threshold)
    repeats: torch.Tensor = torch.unique(pairs[:, 1 if other is None else 0])
    return repeats


def find_leaks(train: torch.Tensor, test: torch.Tensor, threshold: float = NEAR) -> torch.Tensor:
    """Return the indices of *training* images that are nearly the same as a test image.

    >>> from aigc_edu.data import load_digits
    >>> digits = load_digits("test", limit=60).images
    >>> find_leaks(digits[:40], digits[38:])
    tensor([38, 39])
    """
    return find_near_duplicates(train, test, threshold)


def duplicate_groups(images: torch.Tensor, threshold: float = NEAR) -> torch.Tensor:
    """Return a group number for each image; twins, and twins of twins, share one.

    Hand the result to :func:`aigc_edu.data.split_indices` as ``groups``, so that twins
    never stand on both sides of a split.

    Returns:
        int64 (count,).

    >>> duplicate_groups(torch.eye(3)[[0, 1, 0, 2]])
    tensor([0, 1, 0, 2])
    """
    import numpy as np
    from scipy.sparse import coo_array  # type: ignore[import-untyped]
    from scipy.sparse.csgraph import connected_components  # type: ignore[import-untyped]

    pairs = near_duplicate_pairs(images, threshold=threshold).numpy()
    count = len(images)
    links = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(count, count))
    _, numbers = connected_components(links, directed=False)
    return torch.from_numpy(numbers.astype(np.int64))


def find_label_outliers(
    images: torch.Tensor,
    labels: torch.Tensor,
    neighbors: int = 10,
    own: int = 0,
    agreed: int = 8,
) -> torch.Tensor:
    """Return the indices of images whose nearest neighbors agree on another label.

    For each image the nearest ``neighbors`` others are looked up (the distance of
    :func:`near_duplicate_pairs`, in the first 48 principal directions; the image
    itself is left out, so its label never votes for itself). It is returned if at most ``own``
    of them share its label and at least ``agreed`` share one other label. This is a suspicion
    to look at, not a verdict: an odd but rightly labeled image is returned as well.

    Args:
        images: (count, ...), more than ``neighbors``.
        labels: int (count,), not negative.
        neighbors, own, agreed: see above.

    Source: D. L. Wilson, "Asymptotic properties of nearest neighbor rules using edited data",
    IEEE Transactions on Systems, Man, and Cybernetics 2(3), 1972.
    """
    if len(labels) != len(images) or labels.is_floating_point() or bool((labels < 0).any()):
        raise ValueError("labels must be whole numbers from 0, one an image")
    if not 0 < neighbors < len(images) or not 0 <= own < agreed <= neighbors:
        raise ValueError("it takes own < agreed <= neighbors < number of images")
    x, _ = _directions(images)
    rank = min(48, x.shape[1])
    centered = x - x.mean(dim=0)
    small = centered @ _principal(centered, rank)  # (count, kept)
    square = small.square().sum(1)
    labels = labels.to("cpu", torch.int64)
    classes = int(labels.max()) + 1
    mislabeled = []
    for start in range(0, len(small), 1024):
        block = small[start : start + 1024]
        closeness = torch.addmm(-square / 2, block, small.T)  # (block, count)
        own_column = torch.arange(start, start + len(block))[:, None]
        closeness.scatter_(1, own_column, -torch.inf)
        nearest = closeness.topk(neighbors, dim=1, sorted=False).indices
        # (block, classes): how many neighbors have each label
        votes = torch.zeros(len(block), classes, dtype=torch.int64)
        votes.scatter_add_(1, labels[nearest], torch.ones_like(nearest))
        mine = labels[start : start + 1024, None]
        own_votes = votes.gather(1, mine).squeeze(1)
        votes.scatter_(1, mine, -1)
        suspicious = (own_votes <= own) & (votes.amax(dim=1) >= agreed)
        mislabeled.append(suspicious.nonzero().squeeze(1) + start)
    return torch.cat(mislabeled)
