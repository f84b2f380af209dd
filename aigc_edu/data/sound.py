"""Sound as numbers: tones, spectrograms and the way back, WAV files."""

import math
import wave
from collections.abc import Sequence
from pathlib import Path

import torch

from aigc_edu.errors import CourseError

RATE = 16_000


def tone(
    frequency: float,
    seconds: float = 1.0,
    *,
    rate: int = RATE,
    amplitude: float = 0.5,
    fade: float = 0.01,
) -> torch.Tensor:
    """Synthesize a sine tone.

    Args:
        frequency: in hertz, above 0 and below half the sampling rate (Nyquist): a higher one
            could not be told from a lower one.
        seconds: duration.
        rate: samples a second.
        amplitude: largest value, up to 1.
        fade: seconds of fading in and out, which keeps the ends from clicking.

    Returns:
        float32 (round(seconds * rate),), from -amplitude to amplitude.

    Raises:
        ValueError: for values outside these bounds.

    >>> tone(440, 0.5).shape
    torch.Size([8000])
    """
    if rate < 1 or not 0 < frequency < rate / 2:
        raise ValueError(
            f"at {rate} samples a second the frequency must be above 0 and below {rate / 2:g} Hz, "
            f"not {frequency}"
        )
    if not (0 < seconds < 3600 and 0 <= amplitude <= 1 and fade >= 0):
        raise ValueError("it takes 0 < seconds < 3600, 0 <= amplitude <= 1 and fade >= 0")
    count = round(seconds * rate)
    # float64: in float32 the phase of a long tone would drift.
    time = torch.arange(count, dtype=torch.float64) / rate
    wave_form = amplitude * torch.sin(2 * math.pi * frequency * time)
    ramp_length = min(round(fade * rate), count // 2)
    if ramp_length:
        ramp = torch.sin(torch.linspace(0, math.pi / 2, ramp_length, dtype=torch.float64)) ** 2
        wave_form[:ramp_length] *= ramp
        wave_form[count - ramp_length :] *= ramp.flip(0)
    return wave_form.to(torch.float32)


def chord(
    frequencies: Sequence[float],
    seconds: float = 1.0,
    *,
    rate: int = RATE,
    amplitude: float = 0.5,
    fade: float = 0.01,
) -> torch.Tensor:
    """Synthesize several tones at once, of equal loudness; together at most ``amplitude``.

    Raises:
        ValueError: without a frequency, or for values that :func:`tone` refuses.

    >>> bool(chord([262, 330, 392]).abs().max() <= 0.5)
    True
    """
    if not frequencies:
        raise ValueError("a chord needs at least one frequency")
    each = amplitude / len(frequencies)
    tones = [tone(f, seconds, rate=rate, amplitude=each, fade=fade) for f in frequencies]
    return torch.stack(tones).sum(dim=0)


def _window(size: int, like: torch.Tensor) -> torch.Tensor:
    return torch.hann_window(size, dtype=like.real.dtype, device=like.device)


def _check_sizes(window: int, hop: int) -> None:
    if window < 4 or not 1 <= hop <= window // 2:
        raise ValueError(
            f"it takes a window of at least 4 and a hop from 1 to half of it, not {window}, {hop}"
        )


def spectrogram(waveform: torch.Tensor, *, window: int = 512, hop: int = 128) -> torch.Tensor:
    """Short-time Fourier transform with a Hann window: which frequencies, when.

    ``abs()`` of it is the magnitude that one looks at; the phase is needed for the way back.

    Args:
        waveform: floats (samples,) or (batch, samples), at least half a window long.
        window: samples a frame.
        hop: samples from a frame to the next, at most half a window.

    Returns:
        Complex (..., window // 2 + 1, 1 + samples // hop). Row k stands for the frequency
        ``k * rate / window``; column j is centered on sample ``j * hop``.

    Raises:
        ValueError: if the waveform is no float tensor of one or two dimensions, or too short, or
            the sizes do not allow a way back.

    Source: J. Allen, "Short term spectral analysis, synthesis, and modification by discrete
    Fourier transform", IEEE Transactions on Acoustics, Speech, and Signal Processing 25(3), 1977.

    >>> loudest = spectrogram(tone(1000)).abs().mean(dim=1).argmax()
    >>> int(loudest) * 16000 / 512
    1000.0
    """
    _check_sizes(window, hop)
    if waveform.ndim not in (1, 2) or not waveform.is_floating_point():
        raise ValueError("the waveform must be floats (samples,) or (batch, samples)")
    if waveform.shape[-1] <= window // 2:
        raise ValueError(f"the waveform must be longer than half a window ({window // 2} samples)")
    result: torch.Tensor = torch.stft(
        waveform,
        window,
        hop_length=hop,
        window=_window(window, waveform),
        center=True,
        return_complex=True,
    )
    return result


def inverse_spectrogram(
    spectrum: torch.Tensor, *, window: int = 512, hop: int = 128, length: int | None = None
) -> torch.Tensor:
    """Return the waveform of a complex spectrogram: overlap-add, exact but for rounding.

    Args:
        spectrum: what :func:`spectrogram` returned with the same ``window`` and ``hop``.
        length: samples of the original; without it the end is cut to whole hops.

    Returns:
        Floats (..., length).

    Raises:
        ValueError: if the spectrum is not complex or does not fit the window.

    Source: D. Griffin, J. Lim, "Signal estimation from modified short-time Fourier transform",
    IEEE Transactions on Acoustics, Speech, and Signal Processing 32(2), 1984, equation 6.

    >>> sound = tone(440, 0.1)
    >>> back = inverse_spectrogram(spectrogram(sound), length=len(sound))
    >>> bool((back - sound).abs().max() < 1e-5)
    True
    """
    _check_sizes(window, hop)
    if not spectrum.is_complex():
        raise ValueError(
            "the spectrum must be complex: the magnitude alone has lost the phase, and with it "
            "the way back"
        )
    if spectrum.ndim not in (2, 3) or spectrum.shape[-2] != window // 2 + 1:
        raise ValueError(
            f"a window of {window} takes {window // 2 + 1} rows, not {tuple(spectrum.shape)}"
        )
    result: torch.Tensor = torch.istft(
        spectrum,
        window,
        hop_length=hop,
        window=_window(window, spectrum),
        center=True,
        length=length,
    )
    return result


def save_wav(path: Path | str, waveform: torch.Tensor, *, rate: int = RATE) -> None:
    """Write a mono WAV file, 16 bits a sample.

    Args:
        waveform: floats (samples,) from -1 to 1.

    Raises:
        ValueError: if it is no such waveform (NaN and values outside included).
        CourseError: if the file cannot be written.
    """
    if waveform.ndim != 1 or not waveform.is_floating_point():
        raise ValueError("the waveform must be floats (samples,)")
    if not bool((waveform.abs() <= 1).all()):
        raise ValueError("the waveform holds NaN or values outside -1 to 1: scale it first")
    samples = (waveform.detach().cpu() * 32767).round().to(torch.int16)
    try:
        with open(path, "wb") as raw, wave.open(raw, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(rate)
            file.writeframes(samples.numpy().astype("<i2").tobytes())
    except OSError as error:
        raise CourseError(
            f"{path} cannot be written ({error.strerror}): choose another place."
        ) from error


def load_wav(path: Path | str) -> tuple[torch.Tensor, int]:
    """Read a WAV file of 16 bits a sample.

    Returns:
        The waveform, float32 (samples,) from -1 to 1 (channels are averaged), and the samples a
        second.

    Raises:
        CourseError: if the file is missing, no WAV file, cut, or of another kind.
    """
    import numpy as np

    try:
        with wave.open(str(path), "rb") as file:
            rate, channels, width = file.getframerate(), file.getnchannels(), file.getsampwidth()
            promised = file.getnframes()
            content = file.readframes(promised)
    except OSError as error:
        raise CourseError(
            f"{path} cannot be read ({error.strerror}): check the name and your rights."
        ) from error
    except (wave.Error, EOFError) as error:
        raise CourseError(f"{path} is no WAV file that can be read ({error}).") from error
    if width != 2:
        raise CourseError(
            f"{path} has {8 * width} bits a sample: convert it to 16 bits and load it again."
        )
    if len(content) != promised * channels * width:
        raise CourseError(f"{path} is cut short: copy or make it again.")
    samples = np.frombuffer(content, dtype="<i2").astype(np.float32) / 32767
    # (samples * channels,) -> (samples, channels) -> (samples,)
    mono = torch.from_numpy(samples).reshape(-1, channels).mean(dim=1)
    return mono.clamp(-1, 1), rate
