"""The checks of notebook 4's exercises."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor, nn

from infogan_lib import objectives
from infogan_lib.course import bugs
from infogan_lib.course.checks import Fault, check, fault, first_fault, given, returned_by
from infogan_lib.latents import Latents
from infogan_lib.models import InfoGAN
from infogan_lib.modes import statistics_untouched

LAMBDAS = (1.0, 0.4, 0.7)  # uneven, so that a forgotten or an averaged weight shows
RATE = 0.05


def one_update(
    model: InfoGAN,
    adam_d: torch.optim.Optimizer,
    adam_g: torch.optim.Optimizer,
    real: Tensor,
    latents: Latents,
    weights: Tensor,
) -> Tensor:
    """A step of D, then one of G and Q (equation 6) → D's loss, G's loss, and each code's bound, in nats."""
    return update_with(d_loss, g_loss)(model, adam_d, adam_g, real, latents, weights)


def update_with(loss_of_d: Callable, loss_of_g: Callable) -> Callable:
    """An update whose two losses are exchangeable, so that the usual mistakes can be made on purpose."""

    def update(model, adam_d, adam_g, real, latents, weights):
        fake = model.generator(latents.vector(model.codes))
        loss_d = loss_of_d(model.discriminator, real, fake.detach())
        descend(adam_d, loss_d)
        loss, bound = loss_of_g(model, fake, latents, weights)
        descend(adam_g, loss)
        return torch.stack([loss_d, loss, *bound]).detach()

    return update


def descend(optimiser: torch.optim.Optimizer, loss: Tensor) -> None:
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()


def d_loss(discriminator: nn.Module, real: Tensor, fake: Tensor) -> Tensor:
    """−V(D, G); real and generated images are normalised in batches of their own."""
    real_logits, _ = discriminator(real)
    with statistics_untouched(discriminator):
        fake_logits, _ = discriminator(fake)
    return objectives.discriminator_loss(real_logits, fake_logits)


def g_loss(model: InfoGAN, fake: Tensor, latents: Latents, weights: Tensor) -> tuple[Tensor, Tensor]:
    """V(D, G) − Σ λ L_I in its non-saturating form, and the bounds."""
    logits, bound = logits_and_bound(model, fake, latents)
    return objectives.generator_loss(logits) - (weights * bound).sum(), bound


def logits_and_bound(model: InfoGAN, fake: Tensor, latents: Latents, cut: bool = False) -> tuple[Tensor, Tensor]:
    """D's logits of generated images, and each code's bound; with `cut`, no gradient of the bound reaches G."""
    with statistics_untouched(model.discriminator):
        logits, features = model.discriminator(fake)
    posterior = model.recognition(features.detach() if cut else features)
    return logits, objectives.mutual_information_bound(posterior, latents, model.codes)


def d_loss_of_a_mixed_batch(discriminator: nn.Module, real: Tensor, fake: Tensor) -> Tensor:
    logits, _ = discriminator(torch.cat([real, fake]))
    return objectives.discriminator_loss(*logits.split([len(real), len(fake)]))


D_MISTAKES = {
    "Real and generated images share a batch. Call D twice, so that BatchNorm normalises each batch on its own.": (
        d_loss_of_a_mixed_batch
    ),
    "The sign is wrong: this teaches D to take real images for generated ones.": lambda *a: -d_loss(*a),
    "The generated images come second in objectives.discriminator_loss.": lambda d, real, fake: d_loss(d, fake, real),
    "Only the real images count there.": lambda d, real, fake: objectives.generator_loss(d(real)[0]),
}
game = objectives.generator_loss
G_MISTAKES = {  # what makes a loss of D's logits, the bounds and λ
    "The sign of the bound is wrong: this teaches G to hide its codes.": lambda d, b, w: game(d) + (w * b).sum(),
    "The weights λ are missing.": lambda d, b, w: game(d) - b.sum(),
    "The bounds are averaged over the codes. Each has its own λ, so add them up.": (
        lambda d, b, w: game(d) - (w * b).mean()
    ),
    "The bound teaches neither G nor Q. It is missing from the loss, or detached: that is a plain GAN.": (
        lambda d, b, w: game(d)
    ),
    "The game is missing from what is learned: nothing there asks for images that look real.": (
        lambda d, b, w: -(w * b).sum()
    ),
    "That is the saturating form of the game's loss. Use objectives.generator_loss.": (
        lambda d, b, w: -game(-d) - (w * b).sum()
    ),
    "The game counts once for each code there. Add up weights * bound before you subtract it.": (
        lambda d, b, w: (game(d) - w * b).sum()
    ),
    "λ weights the game too, but belongs only to the bound.": lambda d, b, w: (w * (game(d) - b)).sum(),
}


@dataclass
class Played:
    """The two players after some updates, each (parameters,), D's running statistics, and what was returned last."""

    d: Tensor
    g_and_q: Tensor
    statistics: Tensor
    measured: object = None


def play(answer: Callable, updates: int) -> Played:
    """Updates of a small model on random images, by plain gradient descent: its steps are as long as the gradients."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = InfoGAN(width=0.1).train()
    own = [*model.generator.parameters(), *model.recognition.parameters()]
    optimisers = torch.optim.SGD(model.discriminator.parameters(), RATE), torch.optim.SGD(own, RATE)
    random, measured = torch.Generator().manual_seed(0), None
    for _ in range(updates):
        latents, real = model.codes.sample(8, random), torch.rand(8, 1, 28, 28, generator=random) * 2 - 1
        arguments = real, torch.tensor(LAMBDAS)
        before = [a.clone() for a in arguments]
        measured = returned_by(answer, model, *optimisers, real, latents, arguments[1])
        if not all(torch.equal(a, b) for a, b in zip(arguments, before, strict=True)):
            raise Fault("Your function changes `real` or `weights`, which the caller still needs. Make new tensors.")
        if not (model.training and all(p.requires_grad for p in model.parameters())):
            raise Fault("Leave the model in training mode, with requires_grad on, or the next update can't learn.")
    statistics = [b.flatten() for b in model.discriminator.buffers() if b.is_floating_point()]
    vector = nn.utils.parameters_to_vector
    return Played(
        vector(model.discriminator.parameters()).detach(), vector(own).detach(), torch.cat(statistics), measured
    )


@cache
def right(updates: int) -> Played:
    """What the right update does to the small model."""
    return play(one_update, updates)


@check(
    "write D's step and the step of G and Q, and return the five numbers",
    "after three updates, D, G and Q have the weights that the library gives them",
    one_update,
)
def infogan_update(answer: Callable) -> str:
    """answer(model, adam_d, adam_g, real, latents, weights) → (5,): both losses and the three bounds, in nats."""
    answer = given(answer)
    try:
        first = play(answer, 1)
        wrong = step_of_d(first) or step_of_g(first) or statistics_of_d(first) or returned(first.measured)
        return wrong or later_updates(play(answer, 3))
    except RuntimeError as error:
        for message, meaning in AUTOGRAD.items():
            if message in str(error):
                return meaning
        raise


AUTOGRAD = {
    "backward through the graph a second time": (
        "A record of how something was made serves one backward. D's loss should see fake.detach(), and G's loss "
        "D's new answer to `fake`."
    ),
    "modified by an inplace operation": (
        "A loss uses answers from before the weights moved. Let adam_d alone step first, and then call "
        "model.discriminator(fake) again."
    ),
    "only for scalar outputs": "A loss has to be one number. Add up weights * bound over the codes.",
    "stack expects each tensor": (
        "In torch.stack, each part has to be one number: write *bound with its star, and add up weights * bound."
    ),
    "does not require grad": "A loss has no gradient. Leave out .item(), and detach only `fake`, in D's step.",
}


def step_of_d(first: Played) -> str:
    """What is wrong with D's weights after one update, or ""."""
    if close(first.d, right(1).d):
        return ""
    if close(first.d, right(0).d):
        return (
            "D's weights haven't moved: its step is adam_d.zero_grad(), loss_d.backward(), adam_d.step() in this order."
        )
    mistake = named(first.d, mistaken_d()) or (
        "Its loss should compare D's answers to real and to fake.detach(), in training mode, and adam_d should step "
        "once, before G's step."
    )
    return f"After one update D's weights aren't what they should be. {mistake}"


@cache
def mistaken_d() -> dict[str, Tensor]:
    """D's weights after one update with each of the usual mistakes."""
    return {name: play(update_with(loss, g_loss), 1).d for name, loss in D_MISTAKES.items()}


def step_of_g(first: Played) -> str:
    """What is wrong with the weights of G and Q after one update, or ""."""
    if close(first.g_and_q, right(1).g_and_q):
        return ""
    if close(first.g_and_q, right(0).g_and_q):
        return (
            "G and Q haven't moved: their step is adam_g.zero_grad(), loss_g.backward(), adam_g.step() in this order."
        )
    mistake = named(first.g_and_q, mistaken_g()) or (
        "Their loss should be generator_loss minus the sum of weights * bound, with D asked about `fake` again after "
        "its own step."
    )
    return f"After one update the weights of G and Q aren't what they should be. {mistake}"


def named(weights: Tensor, mistaken: dict[str, Tensor]) -> str:
    """The first of the usual mistakes that gives these weights, or ""."""
    return next((name for name, theirs in mistaken.items() if close(weights, theirs)), "")


@cache
def mistaken_g() -> dict[str, Tensor]:
    """The weights of G and Q after one update with each of the usual mistakes."""
    return {name: play(update_with(d_loss, loss), 1).g_and_q for name, loss in losses_of_g().items()}


def losses_of_g() -> dict[str, Callable]:
    """The mistakes with G's loss, each as a function with the arguments of `g_loss`."""

    def bound_for_q_alone(model, fake, latents, weights):
        logits, bound = logits_and_bound(model, fake, latents, cut=True)
        return game(logits) - (weights * bound).sum(), bound

    def stopped(model, fake, latents, weights):
        return g_loss(model, fake.detach(), latents, weights)

    def mixed(mix: Callable) -> Callable:
        def loss(model, fake, latents, weights):
            logits, bound = logits_and_bound(model, fake, latents)
            return mix(logits, bound, weights), bound

        return loss

    return {name: mixed(mix) for name, mix in G_MISTAKES.items()} | {
        "The bound teaches Q but not G: `features` must not be detached.": bound_for_q_alone,
        "Q moves but G doesn't: in this step `fake` must not be detached.": stopped,
    }


def statistics_of_d(first: Played) -> str:
    """What is wrong with the running averages of D's BatchNorm after one update, or ""."""
    if close(first.statistics, right(1).statistics):
        return ""
    return (
        "The weights are right, but D's running averages aren't. Real images have to enter them, and generated ones "
        "must not: put D's two calls on generated images, and no others, under statistics_untouched."
    )


def returned(measured: object) -> str:
    """What is wrong with the five numbers of the first update, or ""."""
    if not isinstance(measured, Tensor) or measured.shape != (5,):
        return "The weights are right. Return torch.stack([loss_d, loss_g, *bound]).detach(), which has shape (5,)."
    if measured.requires_grad:
        return "The weights are right. Detach the result, or every update is kept in memory."
    names = ("loss_d", "loss_g", "the category's bound", "the bound of c1", "the bound of c2")
    for name, yours, ours in zip(names, measured.double(), right(1).measured.double(), strict=True):
        wrong = fault(yours, ours, f"The weights are right. In the result, {name}", {})
        if wrong:
            return wrong
    return ""


def later_updates(third: Played) -> str:
    if close(third.d, right(3).d) and close(third.g_and_q, right(3).g_and_q):
        return ""
    return (
        "The first update is right, but later ones aren't. Clear the gradients before each backward: G's step leaves "
        "gradients in D, and those of the last update are still there."
    )


def close(a: Tensor, b: Tensor) -> bool:
    return torch.allclose(a, b, rtol=0, atol=1e-6)


def two_softmaxes(categories: int) -> float:
    """log K − log(1 + (K − 1)/e): the bound of a Q that is always right, through two softmaxes."""
    return math.log(categories) - math.log(1 + (categories - 1) / math.e)


@check(
    "return the highest bound that two softmaxes allow",
    "0.84 nats for ten categories, a number worth remembering",
    two_softmaxes,
)
def double_softmax_ceiling(answer: Callable) -> str:
    """answer(K) → `two_softmaxes`(K)."""
    mistakes = {
        "That is the loss that remains. The bound is log K minus this loss.": lambda k: math.log(1 + (k - 1) / math.e),
        "H(c) = log K is missing.": lambda k: -math.log(1 + (k - 1) / math.e),
        "That is log K, the ceiling with a single softmax.": lambda k: math.log(k),
        "That is a probability. Take its log and add log K.": lambda k: math.e / (math.e + k - 1),
        "K − 1 categories have probability 0, not K.": lambda k: 1 + math.log(k) - math.log(math.e + k),
        "That is in bits. Use math.log.": lambda k: math.log2(k) - math.log2(1 + (k - 1) / math.e),
        "H(c) is in bits there. Use math.log.": lambda k: math.log2(k) - math.log(1 + (k - 1) / math.e),
        "The sign is wrong.": lambda k: math.log(1 + (k - 1) / math.e) - math.log(k),
    }
    return first_fault(answer, "K", (10, 3, 2), two_softmaxes, mistakes)


@check("name the bug of your case", "the symptoms fit this one and no other")
def diagnosis(answer: object) -> str:
    """answer: (number of the case, one of `bugs.BUGS` or "none")."""
    if not (isinstance(given(answer), tuple | list) and len(answer) == 2):
        return 'Give the number of the case and the name of the bug: CASE, "double softmax".'
    case, name = answer
    suspects = {bug.name: bug for bug in (bugs.HEALTHY, *bugs.BUGS.values())}
    if not isinstance(given(name), str) or name not in suspects:
        return f"There is no bug called {name!r}. Choose one of {', '.join(map(repr, suspects))}."
    if isinstance(case, bool) or not isinstance(case, int):
        return f"The case should be a whole number, but yours is {case!r}."
    if name == bugs.mystery(case).name:
        return ""
    symptom = suspects[name].symptom
    return f"Case {case} is not {name!r}. If it were, you would see {symptom}. Look for that in the picture."
