"""What a reader does with the explorer, in a real browser: ``make test-browser``.

The files aren't called test_*, so that ``make test`` passes where there is no browser.
"""
