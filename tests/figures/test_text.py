from infogan_lib.figures.text import number


def test_numbers_have_real_minus_signs():
    assert [number(v, 1) for v in (-2.0, -0.04, 0.0, 1.25)] == ["−2.0", "0.0", "0.0", "1.2"]
    assert number(-0.226, 3) == "−0.226" and number(1.005) == "1.00" and number(None) == "–"
