"""The networks of the course, each with the paper it comes from.

Images are ``(batch, 1, 28, 28)`` everywhere. Decoders and discriminators hand over logits;
a GAN's generator hands over images in [-1, 1].
"""

from aigc_edu.models.autoencoder import Autoencoder
from aigc_edu.models.classifier import Classifier
from aigc_edu.models.dcgan import DCGANDiscriminator, DCGANGenerator
from aigc_edu.models.embedded import load_classifier, load_decoder, load_trained
from aigc_edu.models.gan import MLPDiscriminator, MLPGenerator
from aigc_edu.models.sampling import generate
from aigc_edu.models.vae import MLPVAE, ConvVAE

__all__ = [
    "MLPVAE",
    "Autoencoder",
    "Classifier",
    "ConvVAE",
    "DCGANDiscriminator",
    "DCGANGenerator",
    "MLPDiscriminator",
    "MLPGenerator",
    "generate",
    "load_classifier",
    "load_decoder",
    "load_trained",
]
