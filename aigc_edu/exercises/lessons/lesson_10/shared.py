"""What several exercises of lesson 10 use."""


def quantile(degrees: int, below: float = 0.975) -> float:
    from scipy.special import stdtrit  # type: ignore[import-untyped]

    return float(stdtrit(degrees, below))
