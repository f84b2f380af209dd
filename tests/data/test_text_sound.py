"""Text and sound: there and back."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from aigc_edu.data import (
    Vocabulary,
    chord,
    inverse_spectrogram,
    load_text,
    load_wav,
    recorded,
    save_wav,
    spectrogram,
    tables,
    text,
    tone,
)
from aigc_edu.errors import CourseError


@given(st.text(), st.text())
def test_text_comes_back(known: str, written: str) -> None:
    vocabulary = Vocabulary(known)
    numbers = vocabulary.encode(written)
    assert numbers.dtype == torch.int64
    assert len(numbers) == len(written)
    expected = "".join(c if c in set(known) else vocabulary.UNKNOWN_MARK for c in written)
    assert vocabulary.decode(numbers) == expected


@given(st.lists(st.text("abc", max_size=8), min_size=1, max_size=5))
def test_batches_of_text_come_back(texts: list[str]) -> None:
    vocabulary = Vocabulary("abc")
    batch = vocabulary.encode_batch(texts)
    assert batch.shape == (len(texts), max(map(len, texts)))
    assert vocabulary.decode_batch(batch) == texts
    assert vocabulary.decode_batch(vocabulary.encode_batch(texts, 3)) == [t[:3] for t in texts]


def test_rare_characters_and_bad_numbers() -> None:
    vocabulary = Vocabulary("aab", minimum_count=2)
    assert len(vocabulary) == 3
    assert vocabulary.encode("ab").tolist() == [2, vocabulary.UNKNOWN]
    for bad in ([3], [-1], torch.tensor([0.5])):
        with pytest.raises(ValueError, match="numbers"):
            vocabulary.decode(bad)
    with pytest.raises(ValueError, match="at least one"):
        vocabulary.encode_batch([])


def test_the_text_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sample = load_text()
    assert 2000 < len(sample) < 4000
    assert Vocabulary(sample).decode(Vocabulary(sample).encode(sample)) == sample
    monkeypatch.setattr(text, "_SAMPLE", tmp_path / "gone.txt")
    with pytest.raises(CourseError, match="install the course again"):
        load_text()


@given(
    st.floats(30, 7900), st.integers(600, 5000), st.sampled_from([(512, 128), (256, 64), (64, 32)])
)
@settings(max_examples=30)
def test_a_spectrogram_comes_back(frequency: float, samples: int, sizes: tuple[int, int]) -> None:
    window, hop = sizes
    sound = tone(frequency, samples / 16_000)
    spectrum = spectrogram(sound, window=window, hop=hop)
    assert spectrum.shape == (window // 2 + 1, 1 + len(sound) // hop)
    back = inverse_spectrogram(spectrum, window=window, hop=hop, length=len(sound))
    assert torch.allclose(back, sound, atol=1e-5)


def test_a_spectrogram_shows_the_tones() -> None:
    both = torch.stack([chord([500, 2000]), tone(3000)])
    loud = spectrogram(both).abs().mean(dim=2)
    peaks = loud.topk(2, dim=1).indices * 16_000 / 512
    assert sorted(peaks[0].tolist()) == [500, 2000]
    assert float(loud[1].argmax()) * 16_000 / 512 == 3000


def test_a_tone_is_a_sine() -> None:
    sound = tone(440, 0.25, rate=8000, amplitude=0.3, fade=0)
    expected = 0.3 * np.sin(2 * math.pi * 440 * np.arange(2000) / 8000)
    assert np.allclose(sound.numpy(), expected, atol=1e-6)
    faded = tone(440, 0.25, rate=8000)
    assert float(faded[0]) == 0
    assert abs(float(faded[-1])) < 1e-3


def test_wav_comes_back(tmp_path: Path) -> None:
    sound = chord([262, 330, 392], 0.2, rate=8000)
    save_wav(tmp_path / "chord.wav", sound, rate=8000)
    back, rate = load_wav(tmp_path / "chord.wav")
    assert rate == 8000
    assert torch.allclose(back, sound, atol=0.51 / 32767)


def test_bad_sound(tmp_path: Path) -> None:
    for call in (
        lambda: tone(0),
        lambda: tone(8000),
        lambda: tone(440, -1),
        lambda: chord([]),
        lambda: spectrogram(torch.zeros(10)),
        lambda: spectrogram(torch.zeros(9999, dtype=torch.int64)),
        lambda: spectrogram(torch.zeros(9999), hop=400),
        lambda: inverse_spectrogram(spectrogram(tone(440)).abs()),
        lambda: inverse_spectrogram(spectrogram(tone(440)), window=256, hop=64),
        lambda: save_wav(tmp_path / "x.wav", torch.tensor([2.0])),
        lambda: save_wav(tmp_path / "x.wav", torch.tensor([float("nan")])),
    ):
        with pytest.raises(ValueError, match=r"\w"):
            call()
    with pytest.raises(CourseError, match="written"):
        save_wav(tmp_path / "no" / "x.wav", tone(440))
    with pytest.raises(CourseError, match="cannot be read"):
        load_wav(tmp_path / "absent.wav")
    (tmp_path / "text.wav").write_text("no sound")
    with pytest.raises(CourseError, match="no WAV file"):
        load_wav(tmp_path / "text.wav")
    save_wav(tmp_path / "cut.wav", tone(440, 0.1))
    content = (tmp_path / "cut.wav").read_bytes()
    (tmp_path / "cut.wav").write_bytes(content[:-100])
    with pytest.raises(CourseError, match=r"cut|no WAV"):
        load_wav(tmp_path / "cut.wav")


def test_recorded_tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in (Path(tables.__file__).parent / "recorded").glob("*.json"):
        assert recorded(path.stem) == json.loads(path.read_text(encoding="utf-8"))
    with pytest.raises(CourseError, match="There is no recorded table"):
        recorded("nothing")
    with pytest.raises(ValueError, match="no name"):
        recorded("../secrets")
    (tmp_path / "broken.json").write_text("{")
    (tmp_path / "list.json").write_text("[]")
    monkeypatch.setattr(tables, "_FOLDER", tmp_path)
    for name in ("broken", "list"):
        with pytest.raises(CourseError, match="install the course again"):
            recorded(name)
