"""Make the embedded weights again: the classifier for features, the VAE for lesson 00.

For the course's authors. Each function trains from nothing on the embedded digits and returns the
model with a record of what it reaches; ``write_weights`` stores both.
"""

import json
import math
import platform
import time
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from aigc_edu.data import Batches, load_digits, to_range
from aigc_edu.files import write_atomically
from aigc_edu.models.classifier import Classifier
from aigc_edu.models.embedded import FOLDER
from aigc_edu.models.vae import ConvVAE
from aigc_edu.objectives import elbo


def jitter(images: Tensor, generator: torch.Generator) -> Tensor:
    """Turn, scale, shear and shift each image a little: a 7 stays a 7.

    Args:
        images: (batch, 1, 28, 28) floats.
        generator: source of the changes.

    Returns:
        Same shape; what comes in from outside is 0.
    """
    count = len(images)

    def between(bound: float) -> Tensor:
        return (2 * torch.rand(count, generator=generator) - 1) * bound

    angle, shear = between(math.radians(12)), between(0.15)
    scale = 1 + between(0.12)
    cosine, sine = torch.cos(angle) * scale, torch.sin(angle) * scale
    theta = torch.stack(
        [cosine, shear - sine, between(0.14), sine, cosine, between(0.14)], dim=1
    ).view(count, 2, 3)  # (batch, 2, 3); 0.14 of half a picture is 2 pixels
    grid = F.affine_grid(theta, list(images.shape), align_corners=False)  # (batch, 28, 28, 2)
    return F.grid_sample(images, grid.to(images.device), align_corners=False)


def averaged_update(average: nn.Module, model: nn.Module, decay: float) -> None:
    """One step of an exponential moving average of the weights."""
    with torch.no_grad():
        for kept, new in zip(average.parameters(), model.parameters(), strict=True):
            kept.lerp_(new, 1 - decay)


def _conditions(seed: int, steps: int, seconds: float) -> dict[str, Any]:
    return {
        "seed": seed,
        "steps": steps,
        "seconds": round(seconds, 1),
        "threads": torch.get_num_threads(),
        "device": "cpu",
        "precision": "float32, stored as float16",
        "torch": torch.__version__,
        "python": platform.python_version(),
        "data": "the 20,000 embedded training digits",
    }


def _halved(model: nn.Module) -> None:
    """Round the weights to float16, as they are stored, so that the record speaks of those."""
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(parameter.half().float())
    model.eval().requires_grad_(False)


def train_classifier(
    steps: int = 4000, seed: int = 0, batch_size: int = 128
) -> tuple[Classifier, dict[str, Any]]:
    """Train the classifier on the embedded digits, jittered; label smoothing, one-cycle rate.

    Args:
        steps: weight updates.
        seed: of the weights, the order of the images and the jitter.
        batch_size: images a step.

    Returns:
        The classifier (eval mode, weights as float16 holds them) and its record: accuracy on the
        5,000 embedded test digits in [0, 1] and the conditions.
    """
    started = time.perf_counter()
    torch.manual_seed(seed)
    train, test = load_digits("train"), load_digits("test")
    generator = torch.Generator().manual_seed(seed)
    batches = Batches(train.images, batch_size, labels=train.labels, seed=seed)
    model = Classifier()
    average = Classifier()
    average.load_state_dict(model.state_dict())
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=1e-2, fused=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=3e-3, total_steps=steps)
    for _ in range(steps):
        x, labels = next(batches)
        loss = F.cross_entropy(model(jitter(x, generator)), labels, label_smoothing=0.05)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        schedule.step()
        averaged_update(average, model, decay=0.99)
    _halved(average)
    correct = average(to_range(test.images, 0.0, 1.0)).argmax(dim=1) == test.labels
    record = {
        "test_accuracy": round(float(correct.double().mean()), 4),
        "test_images": len(test.images),
        **_conditions(seed, steps, time.perf_counter() - started),
    }
    return average, record


def train_decoder(
    steps: int = 6000,
    seed: int = 0,
    latent_size: int = 10,
    channels: tuple[int, int] = (32, 64),
    beta: float = 2.0,
    batch_size: int = 128,
) -> tuple[ConvVAE, dict[str, Any]]:
    """Train the VAE that lesson 00 draws from: averaged weights, one-cycle rate.

    A larger beta pulls the codes of real digits closer to the prior, so that more of what is
    drawn from the prior is a digit; reconstructions get softer for it.

    Args:
        steps: weight updates.
        seed: of the weights, the order of the images and the noise.
        latent_size: dimensions of the latent.
        channels: the network's width.
        beta: weight of the KL term while training.
        batch_size: images a step.

    Returns:
        The model (eval mode, weights as float16 holds them) and its record: the ELBO (beta = 1) in
        nats on the 5,000 embedded test digits (gray levels, one sample) and the conditions.
    """
    started = time.perf_counter()
    torch.manual_seed(seed)
    train, test = load_digits("train"), load_digits("test")
    generator = torch.Generator().manual_seed(seed)
    batches = Batches(train.images, batch_size, seed=seed)
    model = ConvVAE(latent_size, channels)
    average = ConvVAE(latent_size, channels)
    average.load_state_dict(model.state_dict())
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=2e-3, total_steps=steps, pct_start=0.1
    )
    for _ in range(steps):
        x = next(batches)
        logits, mean, log_variance = model(x, generator)
        loss = -elbo(logits, x, mean, log_variance, beta).mean()
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        schedule.step()
        averaged_update(average, model, decay=0.999)
    _halved(average)
    record = {
        "test_elbo_nats": round(mean_elbo(average, test.images, seed), 2),
        "test_images": len(test.images),
        "latent_size": latent_size,
        "channels": list(channels),
        "beta": beta,
        **_conditions(seed, steps, time.perf_counter() - started),
    }
    return average, record


@torch.no_grad()
def mean_elbo(model: ConvVAE, images: Tensor, seed: int = 0) -> float:
    """Mean ELBO in nats of uint8 images (count, 1, 28, 28), one latent sample each."""
    generator = torch.Generator().manual_seed(seed)
    total = 0.0
    for part in torch.split(images, 500):
        x = to_range(part, 0.0, 1.0)
        logits, mean, log_variance = model(x, generator)
        total += float(elbo(logits, x, mean, log_variance).double().sum())
    return total / len(images)


def write_weights(
    model: nn.Module, record: dict[str, Any], name: str, folder: Path = FOLDER
) -> Path:
    """Write ``name.safetensors`` (float16) and ``name.json``; each replaced whole or not at all.

    Returns:
        Where the weights are.

    Raises:
        CourseError: if the folder cannot be written.
    """
    from safetensors.torch import save

    weights = save({key: value.half().contiguous() for key, value in model.state_dict().items()})
    text = json.dumps(record, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    path = folder / f"{name}.safetensors"
    for target, content in ((path, weights), (folder / f"{name}.json", text.encode())):
        write_atomically(target, content)
    return path
