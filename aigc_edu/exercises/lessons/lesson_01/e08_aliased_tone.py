"""In hertz: a 7,000 Hz tone sampled 8,000 times a second is heard as which tone?"""

from aigc_edu.exercises import Exercise, Mistake

EXERCISE = Exercise(
    id="1.8",
    title="What is heard of 7 kHz",
    kind="number",
    prompt=__doc__,
    reference=1000.0,
    points=2,
    difficulty=2,
    minutes=5,
    mistakes=(
        Mistake(
            7000.0,
            "At 8,000 samples a second no tone above 4,000 Hz can be told from a lower one. "
            "Which lower one passes through the same samples?",
        ),
        Mistake(
            4000.0,
            "That is the limit (Nyquist), not where this tone lands: it is folded back at "
            "the limit.",
        ),
        Mistake(
            3500.0,
            "You halved it. Samples do not halve a frequency; they fold it back at 4,000 Hz.",
        ),
        Mistake(
            3000.0,
            "It lies 3,000 Hz above the limit. So it is heard 3,000 Hz *below* the limit, "
            "not at 3,000 Hz.",
        ),
        Mistake(
            15000.0,
            "You added the two. Of all frequencies that pass through the same samples, the "
            "one below 4,000 Hz is heard.",
        ),
        Mistake(
            1.0,
            "That is in kilohertz; asked are hertz.",
        ),
    ),
    hints=(
        "Half the sampling rate is the limit. How far above it does the tone lie?",
        "What lies above the limit by some amount is heard below it by the same amount.",
    ),
    why="The tone moves on by 7/8 of a turn from sample to sample, which looks the same as 1/8 "
    "of a turn backwards. One eighth of a turn at 8,000 samples a second is 1,000 Hz.",
)
