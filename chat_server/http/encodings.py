"""Which encoding a client prefers for a response: Accept-Encoding, with its weights (RFC 9110, 12.5.3)."""

from functools import lru_cache


@lru_cache(maxsize=256)
def preferred(accepted: str, offered: tuple[str, ...]) -> str | None:
    """One of those offered, which are in the server's order of preference; None: as it is."""
    weights: dict[str, float] = {}
    for item in accepted.lower().split(","):
        name, *parameters = (part.strip() for part in item.split(";"))
        weights[name] = _weight(parameters)
    others = weights.get("*", 0.0)
    best = max(offered, key=lambda name: weights.get(name, others))
    weight = weights.get(best, others)
    return best if weight > 0 and weight >= weights.get("identity", 0.0) else None


def _weight(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0
