"""Right answers with a slip in them."""


def with_slips(answer: str, *slips: tuple[str, str]) -> str:
    """The answer with some of its text replaced; each text must be in it."""
    for before, after in slips:
        assert before in answer, before
        answer = answer.replace(before, after)
    return answer
