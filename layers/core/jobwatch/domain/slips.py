"""Names that are one slip of the hand away from a known one."""

from collections.abc import Iterable


def meant(given: str, known: Iterable[str]) -> str | None:
    """The known name that `given` was meant to be; None where it is known, or none is near.

    One slip: a letter too many, too few, another, or two swapped; or another way to write the words (`jobId`,
    `Job-Id`).
    """
    names = list(known)
    if given in names:
        return None
    return next((name for name in names if _bare(given) == _bare(name) or _one_apart(given, name)), None)


def _bare(name: str) -> str:
    return "".join(character for character in name.casefold() if character.isalnum())


def _one_apart(one: str, other: str) -> bool:
    if abs(len(one) - len(other)) > 1:
        return False
    start = next((place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), None)
    if start is None:
        return len(one) != len(other)
    rest, other_rest = one[start:], other[start:]
    return (
        rest[1:] == other_rest[1:]
        or rest[1:] == other_rest
        or rest == other_rest[1:]
        or (rest[:2] == other_rest[1::-1] and rest[2:] == other_rest[2:])
    )
