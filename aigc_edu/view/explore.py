"""Pictures to explore: one line in a lesson, a picture that moves where there is a reader.

Each function here shows controls and a picture that follows them on a live page (mouse and
keyboard alike), and a still picture where a notebook is executed without one, exported, or opened
without a kernel. Networks are asked in eval mode and without gradients, on their own device, and
training goes on as if nobody had looked. Mistakes come back as a sentence under the picture.

- :func:`slider_figure`: any figure that depends on one number;
- :func:`latent_plane`: two latents, the data's codes under the handle;
- :func:`interpolation`: the way between two chosen codes;
- :func:`latent_sliders`: one slider a latent;
- :func:`temperature`: how wild the samples are;
- :func:`beta_comparison`: several models from copying to dreaming;
- :func:`noise_walk`: a walk through a generator's noise;
- :func:`adversarial_game`: a game in one dimension, round by round.
"""

from aigc_edu.view.explorers.beta import beta_comparison
from aigc_edu.view.explorers.game import adversarial_game
from aigc_edu.view.explorers.path import interpolation
from aigc_edu.view.explorers.plane import latent_plane
from aigc_edu.view.explorers.slider import slider_figure
from aigc_edu.view.explorers.sliders import latent_sliders
from aigc_edu.view.explorers.temperature import temperature
from aigc_edu.view.explorers.walk import noise_walk
from aigc_edu.view.front_end import has_front_end

__all__ = [
    "adversarial_game",
    "beta_comparison",
    "has_front_end",
    "interpolation",
    "latent_plane",
    "latent_sliders",
    "noise_walk",
    "slider_figure",
    "temperature",
]
