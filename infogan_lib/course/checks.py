"""The machinery of the exercise checks. A check prints one line: what is wrong with an answer, or that it is right.

A check never stops the notebook. It tries the answer on a case whose result is known. If the answer is wrong, the check
compares it with what the usual mistakes give, and names the mistake that fits.
"""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable, Iterable, Sequence

import numpy as np
import torch
from torch import Tensor

from infogan_lib.figures.text import number

TOLERANCE = 1e-4
SHOWN = 4  # of a longer result, only the first wrong value is shown


class NotDone(Exception):  # noqa: N818 (nothing has gone wrong)
    """The answer is still the stub."""


class Fault(Exception):  # noqa: N818 (it is the learner's, and the message says it)
    """What is wrong with an answer, where there is no result to compare."""


def check(task: str, praise: str, ours: Callable | None = None) -> Callable[[Callable], Callable]:
    """Turn a function that says what is wrong with an answer ("" if nothing is) into a check that prints one line.

    Args:
        task: What the learner has to do, shown while the answer is still the stub.
        praise: What a right answer means.
        ours: The course's own answer, for exercises whose answer the notebook uses. The check then returns the
            learner's answer if it is right, and otherwise this one, and says so.
    """

    def decorate(find_fault: Callable) -> Callable:
        @functools.wraps(find_fault)
        def checked(answer: object) -> Callable | None:
            try:
                fault = find_fault(answer)
            except NotDone:
                verdict = f"○ Not done yet: {task}."
            except Fault as error:
                verdict = f"✗ {error}"
            except Exception as error:
                verdict = f"✗ Your code stopped with {described(error)}"
            else:
                verdict = f"✗ {fault}" if fault else f"✓ Right: {praise}."
            if ours is None:
                print(verdict)
                return None
            right = verdict.startswith("✓")
            print(
                verdict if verdict.endswith((".", "?")) else f"{verdict}.",
                "The cells below use " + ("your answer." if right else "the course's own until then."),
            )
            return answer if right else ours

        return checked

    return decorate


def compare(prediction: object, happened: str, choices: Sequence[str]) -> None:
    """Print one line that sets the learner's prediction next to what happened."""
    if prediction is Ellipsis or prediction is None:
        print(f"○ No prediction yet. What happened: {happened}.")
    elif prediction not in choices:
        print(f"✗ A prediction is one of {', '.join(map(repr, choices))}, not {prediction!r}.")
    elif prediction == happened:
        print(f"✓ You predicted {prediction!r}, and that is what happened.")
    else:
        print(f"✗ You predicted {prediction!r}. What happened: {happened}.")


def given(answer: object) -> object:
    """The answer itself, unless it is still the stub's `...` or None."""
    if answer is None or answer is Ellipsis:
        raise NotDone
    return answer


def described(error: Exception) -> str:
    """An error's type and text, on one line."""
    return f"{type(error).__name__}: {' '.join(str(error).split())}"


def returned_by(answer: Callable, *arguments: object) -> object:
    """What the learner's function returns; raises NotDone for the stub's `...`, and Fault for nothing at all."""
    returned = given(answer)(*arguments)
    if returned is None:
        raise Fault("Your function returns nothing. Let it end with `return` and the result.")
    return given(returned)


def result(answer: Callable, *arguments: object) -> Tensor:
    """What the learner's function returns, as float64.

    Raises:
        NotDone: It still returns the stub's `...`.
        Fault: It changes an argument in place, or returns something that isn't a number or an array.
    """
    theirs = copy.deepcopy(arguments)  # what it changes must not spoil the case for the next answer
    returned = returned_by(answer, *theirs)
    old, new = arrays(arguments), arrays(theirs)
    if len(old) != len(new) or any(
        not np.array_equal(np.asarray(a), np.asarray(b)) for a, b in zip(old, new, strict=True)
    ):
        raise Fault("Your function changes its argument. Make a new array instead: the caller still needs the old one.")
    try:
        return torch.as_tensor(returned, dtype=torch.float64).detach()
    except (TypeError, ValueError, RuntimeError):
        raise Fault(f"The result should be a number or an array, but yours is a {type(returned).__name__}.") from None


def attempt(case: str, answer: Callable, *arguments: object) -> Tensor:
    """The result of an answer; an error that it raises is reported together with the case."""
    try:
        return result(answer, *arguments)
    except (Fault, NotDone):
        raise
    except Exception as error:
        raise Fault(f"{case}: your code stopped with {described(error)}") from None


def list_fault(returned: object) -> str:
    """What is wrong with a list or a tuple of the right values, with which the notebook can't calculate, or ""."""
    if not isinstance(returned, list | tuple):
        return ""
    return f"The values are right, but the cells below need an array, and yours is a {type(returned).__name__}."


def arrays(arguments: Iterable) -> list[np.ndarray]:
    """The arrays among the arguments, and those in lists of them."""
    flat = [part for one in arguments for part in (one if isinstance(one, list | tuple) else [one])]
    return [np.asarray(part) for part in flat if isinstance(part, Tensor | np.ndarray)]


def slope_fault(answer: Callable, truth: Callable, inputs: Tensor, *others: object) -> str:
    """What is wrong with the gradient of a loss with respect to its first argument, or "".

    Args:
        answer: The learner's function, whose values are right.
        truth: The right function.
        inputs: Where to take the gradient, including places where values come close to 0 or 1.
        others: The other arguments.
    """
    ours, theirs = (inputs.clone().requires_grad_() for _ in range(2))
    try:
        loss = answer(theirs, *others)
    except RuntimeError as error:
        if "numpy()" not in str(error):
            raise
        loss = None
    if not isinstance(loss, Tensor) or not loss.requires_grad:
        advice = (
            "Leave out .item(), .detach(), .data, torch.tensor and numpy."
            if loss is None or isinstance(loss, Tensor)
            else f"Return a tensor, and not a {type(loss).__name__}."
        )
        return f"The value is right, but nothing can be learned from it: no gradient flows back from it. {advice}"
    (right,) = torch.autograd.grad(truth(ours, *others).sum(), ours)
    (yours,) = torch.autograd.grad(loss.sum(), theirs, allow_unused=True)
    if yours is None:
        return "The value is right, but the gradient isn't: none reaches this input."
    if not torch.allclose(yours, right, atol=1e-4):
        return f"The value is right, but the gradient isn't. {slopes(inputs, right, yours)}"
    return ""


def slopes(inputs: Tensor, right: Tensor, yours: Tensor) -> str:
    """A sentence with two gradients: all of them, or of more than a few only the first that differ."""
    case = "At"
    if right.numel() > SHOWN:
        place = tuple((~torch.isclose(yours, right, atol=1e-4)).nonzero()[0].tolist())
        case, inputs, right, yours = f"For entry {list(place)}, at", inputs[place], right[place], yours[place]
    return f"{case} {text(inputs)} it should be {text(right)}, but yours is {text(yours)}."


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
    if got.shape != truth.shape:
        right, yours = shape(truth), shape(got)
    else:
        if truth.numel() > SHOWN:
            place = tuple((~close(got, truth)).nonzero()[0].tolist())
            case, truth, got = f"{case}, at {list(place)}", truth[place], got[place]
        whole = all(bool((values == values.round()).all()) for values in (truth, got))
        digits = 0 if whole else next((d for d in range(4, 16) if text(truth, d) != text(got, d)), 16)
        right, yours = text(truth, digits), text(got, digits)
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
        case = f"{name} = {value:g}".replace("-", "−")
        wrong = fault(attempt(case, answer, value), truth(value), case, usual)
        if wrong:
            return wrong
    return ""


def same(a: Tensor, b: Tensor | float) -> bool:
    b = torch.as_tensor(b, dtype=torch.float64)
    return a.shape == b.shape and bool(close(a, b).all())


def close(a: Tensor, b: Tensor) -> Tensor:
    return torch.isclose(a, b, atol=TOLERANCE, rtol=0, equal_nan=True)


def text(values: Tensor, digits: int = 4) -> str:
    return ", ".join(number(value, digits) for value in values.flatten().tolist())


def shape(values: Tensor) -> str:
    return f"an array of shape {tuple(values.shape)}" if values.ndim else "one number"
