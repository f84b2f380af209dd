"""One letter: how likely is it that the flagged image was generated?"""

from aigc_edu.exercises import Exercise, Mistake

EXERCISE = Exercise(
    id="91.1",
    title="Predict: the detector has spoken",
    kind="prediction",
    prompt=__doc__,
    reference="c",
    choices={
        "a": "95 %",
        "b": "about 50 %",
        "c": "about 16 %",
        "d": "1 %",
    },
    points=1,
    difficulty=1,
    minutes=2,
    mistakes=(
        Mistake(
            "a",
            "95 % is how often a generated image is flagged. Asked is the other way round: "
            "how often a flagged image is generated.",
        ),
        Mistake(
            "b",
            "Count among 1,000 uploads: how many generated ones are flagged, and how many "
            "real ones?",
        ),
        Mistake(
            "d",
            "1 % was true before the detector spoke. Its answer must count for something.",
        ),
    ),
    hints=(
        "Imagine 1,000 uploads. How many are generated, and how many are real?",
        "Count the flagged ones in both groups, and compare the two counts.",
    ),
    why="Of 1,000 uploads about 9.5 generated and 49.5 real ones are flagged, so a flagged "
    "one is generated with probability 9.5/59. The rarer a thing is, the more of its "
    "alarms are false.",
)
