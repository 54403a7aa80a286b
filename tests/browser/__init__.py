"""The explorer in a real browser, used as a reader uses it: ``make test-browser``.

The files aren't called test_*, so that ``make test`` passes without a browser.
"""
