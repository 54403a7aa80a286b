"""The machinery of the exercise checks. A check prints one line: what is wrong with an answer, or that it is right.

A check never stops the notebook. It tries the answer on a case whose result is known. If the answer is wrong, the check
compares it with what the usual mistakes give, and names the mistake that fits.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable

import torch
from torch import Tensor

from infogan_lib.figures.text import number

TOLERANCE = 1e-4
SHOWN = 4  # of a longer result, only the first wrong value is shown


class NotDone(Exception):  # noqa: N818 (nothing has gone wrong)
    """The answer is still the stub."""


def check(task: str, praise: str) -> Callable[[Callable], Callable]:
    """Turn a function that says what is wrong with an answer ("" if nothing is) into a check that prints one line.

    Args:
        task: What the learner has to do, shown while the answer is still the stub.
        praise: What a right answer means.
    """

    def decorate(find_fault: Callable) -> Callable:
        @functools.wraps(find_fault)
        def checked(answer: object) -> None:
            try:
                fault = find_fault(answer)
            except NotDone:
                print(f"○ Not done yet: {task}.")
            except Exception as error:
                print(f"✗ Your code stopped with {type(error).__name__}: {error}")
            else:
                print(f"✗ {fault}" if fault else f"✓ Right: {praise}.")

        return checked

    return decorate


def given(answer: object) -> object:
    """The answer itself, unless it is still the stub's `...` or None."""
    if answer is None or answer is Ellipsis:
        raise NotDone
    return answer


def result(answer: Callable, *arguments: object) -> Tensor:
    """What the learner's function returns, as float64."""
    return torch.as_tensor(given(given(answer)(*arguments)), dtype=torch.float64).detach()


def fault(got: Tensor, truth: Tensor | float, case: str, mistakes: dict[str, Tensor | float]) -> str:
    """Say in words how `got` differs from the truth, or return "".

    Args:
        got: The learner's result.
        truth: The right result.
        case: The input.
        mistakes: What the usual mistakes give, by a description of the mistake.
    """
    truth = torch.as_tensor(truth, dtype=torch.float64)
    if same(got, truth):
        return ""
    names = [name for name, value in mistakes.items() if same(got, value)]
    return " ".join([difference(got, truth, case), *names[:1]])


def difference(got: Tensor, truth: Tensor, case: str) -> str:
    """A sentence that says where two results differ: in shape, in a few values, or in the first of many."""
    right, yours = text(truth), text(got)
    if got.shape != truth.shape:
        right, yours = shape(truth), shape(got)
    elif truth.numel() > SHOWN:
        place = tuple((~close(got, truth)).nonzero()[0].tolist())
        case, right, yours = f"{case}, at {list(place)}", text(truth[place]), text(got[place])
    return f"{case}: the result should be {right}, but yours is {yours}."


def first_fault(
    answer: Callable, name: str, inputs: Iterable[float], truth: Callable, mistakes: dict[str, Callable]
) -> str:
    """The fault of the learner's function at the first input where it is wrong, or "".

    Args:
        answer: The learner's function of one number.
        name: What that number is called.
        inputs: The numbers to try.
        truth: The right function.
        mistakes: The functions that the usual mistakes give, by a description of the mistake.
    """
    for value in inputs:
        usual = {mistake: function(value) for mistake, function in mistakes.items()}
        wrong = fault(result(answer, value), truth(value), f"{name} = {value:g}", usual)
        if wrong:
            return wrong
    return ""


def same(a: Tensor, b: Tensor | float) -> bool:
    b = torch.as_tensor(b, dtype=torch.float64)
    return a.shape == b.shape and bool(close(a, b).all())


def close(a: Tensor, b: Tensor) -> Tensor:
    return torch.isclose(a, b, atol=TOLERANCE, rtol=0, equal_nan=True)


def text(values: Tensor) -> str:
    return ", ".join(number(value, 4) for value in values.flatten().tolist())


def shape(values: Tensor) -> str:
    return f"an array of shape {tuple(values.shape)}" if values.ndim else "one number"
