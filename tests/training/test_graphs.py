"""A captured step trains as the plain one does; on the CPU a stand-in plays the recorder's part."""

import copy

import pytest
import torch
from torch import nn

from aigc_edu import training
from aigc_edu.errors import CourseError
from aigc_edu.models import ConvVAE, MLPDiscriminator, MLPGenerator
from aigc_edu.objectives import discriminator_loss, elbo, generator_loss
from aigc_edu.training import graphs
from aigc_edu.view.loop.rates import LearningRates

STEPS = 8
on_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs an NVIDIA GPU")


@pytest.fixture
def stand_in(monkeypatch):
    """A recorder for the CPU: it notes the work, does nothing, and replays into the same memory."""
    recorded = []

    def record(work, device):
        recorded.append(work)
        memory = {}

        def replay():
            for name, value in work().items():
                memory.setdefault(name, torch.empty_like(value)).copy_(value)
            return memory

        return replay

    monkeypatch.setattr(graphs, "_recorded", record)
    monkeypatch.setattr(graphs, "_aside", lambda work, device: work())
    monkeypatch.setattr(graphs, "_gpu", lambda given, optimizers: torch.device("cpu"))
    return recorded


def game(device="cpu"):
    """A small GAN: its step, its networks, its optimizers."""
    torch.manual_seed(0)
    generator, discriminator = MLPGenerator(8).to(device), MLPDiscriminator().to(device)
    average = training.EMA(generator, decay=0.9)
    optimizers = [
        torch.optim.Adam(network.parameters(), lr=1e-3, fused=True)
        for network in (generator, discriminator)
    ]

    def step(real, latent):
        fake = generator(latent)
        d_loss = discriminator_loss(discriminator(real), discriminator(fake.detach()))
        optimizers[1].zero_grad()
        d_loss.backward()
        optimizers[1].step()
        discriminator.requires_grad_(False)
        g_loss = generator_loss(discriminator(fake))
        optimizers[0].zero_grad()
        g_loss.backward()
        optimizers[0].step()
        discriminator.requires_grad_(True)
        average.update()
        return {"discriminator": d_loss.detach(), "generator": g_loss.detach()}

    return step, [generator, discriminator, average.model], optimizers


def vae(device="cpu"):
    """A small VAE whose noise comes from outside."""
    torch.manual_seed(0)
    model = ConvVAE(8, (4, 8)).to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)

    def step(x, noise):
        mean, log_variance = model.encode(x)
        logits = model.decode(mean + torch.exp(0.5 * log_variance) * noise)
        loss = -elbo(logits, x, mean, log_variance).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return {"loss": loss.detach()}

    return step, [model], [optimizer]


def losses(step, device="cpu", steps=STEPS):
    """What so many steps return, with noise and images drawn on the CPU."""
    source = torch.Generator().manual_seed(1)
    found = []
    for _ in range(steps):
        x = torch.rand(16, 1, 28, 28, generator=source).to(device)
        found.append(step(x, torch.randn(16, 8, generator=source).to(device)))
    return found


def stacked(found):
    return torch.stack([value.cpu() for one in found for value in one.values()])


@pytest.mark.parametrize("make", [game, vae])
def test_a_captured_step_trains_to_the_same_weights(make, stand_in):
    step, plain_networks, optimizers = make()
    for optimizer in optimizers:  # a graph keeps the learning rate as a float32 tensor
        optimizer.param_groups[0]["lr"] = torch.tensor(1e-3)
    plain = losses(step)
    step, networks, optimizers = make()
    found = losses(training.captured(step, optimizers=optimizers, graph=True))
    assert len(stand_in) == 1
    # Results are copies: what an early step returned is still what it was.
    assert stacked(found).equal(stacked(plain))
    for one, other in zip(networks, plain_networks, strict=True):
        for name, value in one.state_dict().items():
            assert value.equal(other.state_dict()[name]), name


def test_a_schedule_and_a_slider_still_move_the_rate(stand_in):
    step, (model,), (optimizer,) = vae()
    step = training.captured(step, optimizers=[optimizer], graph=True)
    losses(step, steps=5)
    rate = optimizer.param_groups[0]["lr"]
    assert isinstance(rate, torch.Tensor)
    rates = LearningRates(optimizer)
    rates.begin()
    rates.scale(0.0)
    assert optimizer.param_groups[0]["lr"] is rate
    before = copy.deepcopy(model.state_dict())
    losses(step, steps=2)
    assert all(value.equal(before[name]) for name, value in model.state_dict().items())
    rates.scale(2.0)
    assert rate.item() == pytest.approx(2e-3)
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.5, 2)
    losses(step, steps=1)
    schedule.step()
    assert optimizer.param_groups[0]["lr"] is rate
    assert rate.item() == pytest.approx(1.5e-3)


def test_a_rate_that_is_assigned_reaches_the_graph(stand_in):
    step, (model,), (optimizer,) = vae()
    optimizer.param_groups[0]["lr"] = torch.tensor(1e-3, dtype=torch.float64)  # as one is loaded
    step = training.captured(step, optimizers=[optimizer], graph=True)
    losses(step, steps=5)
    rate = optimizer.param_groups[0]["lr"]
    assert rate.dtype == torch.float32
    optimizer.param_groups[0]["lr"] = 0.0
    before = copy.deepcopy(model.state_dict())
    losses(step, steps=1)
    assert optimizer.param_groups[0]["lr"] is rate
    assert rate.item() == 0.0
    assert all(value.equal(before[name]) for name, value in model.state_dict().items())


def test_after_loading_an_optimizer_the_step_is_recorded_anew(stand_in):
    """A graph knows the tensors it was recorded with; loading puts others in their place."""
    step, (model,), (optimizer,) = vae()
    kept = copy.deepcopy((model.state_dict(), optimizer.state_dict()))
    step = training.captured(step, optimizers=[optimizer], graph=True)
    first = losses(step)
    model.load_state_dict(kept[0])
    optimizer.load_state_dict(kept[1])
    assert stacked(losses(step)).equal(stacked(first))
    assert len(stand_in) == 2
    losses(step)
    assert len(stand_in) == 2


def test_without_a_graph_the_step_comes_back():
    def step():
        return None

    assert training.captured(step, graph=False) is step


def test_it_is_refused_where_there_is_no_such_gpu():
    step, _, optimizers = vae()
    step = training.captured(step, optimizers=optimizers, graph=True)
    with pytest.raises(CourseError, match="needs a model on an NVIDIA GPU: take graph=False"):
        losses(step)


def test_other_shapes_are_refused(stand_in):
    step, _, optimizers = vae()
    step = training.captured(step, optimizers=optimizers, graph=True)
    losses(step, steps=1)
    with pytest.raises(CourseError, match="drop_last=True"):
        step(torch.rand(3, 1, 28, 28), torch.randn(3, 8))
    with pytest.raises(CourseError, match="drop_last=True"):
        step(torch.rand(16, 1, 28, 28))


def test_arguments_that_need_a_gradient_are_refused(stand_in):
    step, _, optimizers = vae()
    step = training.captured(step, optimizers=optimizers, graph=True)
    with pytest.raises(CourseError, match=r"detach\(\) them"):
        step(torch.rand(16, 1, 28, 28), torch.randn(16, 8, requires_grad=True))


def test_what_an_early_step_returns_is_a_copy(stand_in):
    step = training.captured(lambda x: {"x": x * 1, "same": x}, graph=True)
    found = [step(torch.full((2,), float(number))) for number in range(5)]
    assert [int(one["same"][0]) for one in found] == list(range(5))


def test_nothing_passes_between_cpu_and_gpu_while_a_step_is_recorded():
    """The device without memory plays the GPU."""
    weights = torch.ones(2, requires_grad=True)
    with graphs._NoTransfers():
        (weights.to(torch.bfloat16) * float(torch.ones(()))).sum().backward()
        assert weights.grad.equal(torch.ones(2))
        there = torch.ones(2, device="meta")
        with pytest.raises(RuntimeError, match="copies between the CPU and the GPU"):
            torch.ones(2).to("meta", non_blocking=True)
        with pytest.raises(RuntimeError, match="copies between the CPU and the GPU"):
            there.copy_(torch.ones(2), non_blocking=True)
        with pytest.raises(RuntimeError, match="copies between the CPU and the GPU"):
            torch.randn(2, generator=torch.Generator(), pin_memory=True)
        with pytest.raises(RuntimeError, match="reads a value from the GPU"):
            there.sum().item()


def test_what_is_no_tensor_is_refused():
    step = training.captured(lambda x: x, graph=True)
    with pytest.raises(CourseError, match="takes tensors, not float"):
        step(1.5)


def test_a_step_that_cannot_be_recorded_is_said_in_one_sentence(stand_in, monkeypatch):
    def refuse(work, device):
        raise RuntimeError("operation not permitted when stream is capturing\nand more")

    monkeypatch.setattr(graphs, "_recorded", refuse)
    step, _, optimizers = vae()
    step = training.captured(step, optimizers=optimizers, graph=True)
    with pytest.raises(CourseError, match=r"\(operation not permitted .* capturing\): restart"):
        losses(step)


@pytest.mark.parametrize(
    "results", [torch.zeros(2), (torch.zeros(2), {"a": torch.ones(1)}), [torch.ones(1)], None]
)
def test_results_of_any_shape_are_copied(results):
    found = graphs._copies(results)
    assert type(found) is type(results)
    if isinstance(results, torch.Tensor):
        assert found.equal(results)
        assert found.data_ptr() != results.data_ptr()


@on_gpu
@pytest.mark.parametrize("make", [game, vae])
def test_on_a_gpu_the_graph_gives_the_losses_of_the_cpu(make):
    """Same noise, drawn on the CPU; sums in another order, so within a tolerance."""
    plain = stacked(losses(make()[0]))
    step, _, _ = make("cuda")
    eager = stacked(losses(step, "cuda"))
    step, _, optimizers = make("cuda")
    found = stacked(losses(training.captured(step, optimizers=optimizers, graph=True), "cuda"))
    assert torch.allclose(eager, found, rtol=1e-3)  # a GPU adds gradients in any order
    assert torch.allclose(plain, found, rtol=1e-2)


@on_gpu
def test_on_a_gpu_nothing_waits_within_the_loop():
    """Not at a new pass either: there are four batches in one."""
    from aigc_edu.data import Batches, load_digits

    step, _, optimizers = vae("cuda")
    step = training.captured(step, optimizers=optimizers, graph=True)
    batches = Batches(load_digits("train").images[:64], 16, device="cuda")
    source = torch.Generator().manual_seed(1)
    try:
        for number in range(14):
            if number == 5:  # recorded by now
                torch.cuda.set_sync_debug_mode("error")
            noise = torch.randn(16, 8, generator=source, pin_memory=True)
            step(next(batches), noise)
    finally:
        torch.cuda.set_sync_debug_mode("default")


@on_gpu
def test_on_a_gpu_noise_of_the_cpu_is_refused_and_leaves_it_usable():
    """Copied without waiting, it would be recorded, and be the same at each replay."""
    model = ConvVAE(8, (4, 8)).to("cuda")
    source = torch.Generator().manual_seed(1)

    def step(x):
        return {"logits": model(x, source)[0].detach()}

    step = training.captured(step, graph=True)
    x = torch.rand(16, 1, 28, 28, device="cuda")
    stream = torch.cuda.current_stream()
    for _ in range(graphs.WARM_UP):
        step(x)
    with pytest.raises(CourseError, match="copies between the CPU and the GPU"):
        step(x)
    assert torch.cuda.current_stream() == stream
    assert torch.randn(2, device="cuda").isfinite().all()


@on_gpu
def test_on_a_gpu_its_own_generator_goes_on_from_replay_to_replay():
    step = training.captured(lambda x: {"noise": x + torch.randn(64, device="cuda")}, graph=True)
    found = [step(torch.zeros(64, device="cuda"))["noise"] for _ in range(STEPS)]
    assert len({tuple(noise.tolist()) for noise in found}) == STEPS


def test_networks_in_training_are_what_is_captured(stand_in):
    """Buffers move too: batch normalization counts its batches, replayed ones included."""
    network = nn.Sequential(nn.Flatten(), nn.Linear(784, 4), nn.BatchNorm1d(4))
    optimizer = torch.optim.Adam(network.parameters(), fused=True)

    def step(x):
        loss = network(x).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return {"loss": loss.detach()}

    step = training.captured(step, optimizers=[optimizer], graph=True)
    for _ in range(STEPS):
        step(torch.rand(16, 1, 28, 28))
    assert int(network[2].num_batches_tracked) == STEPS
