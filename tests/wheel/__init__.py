"""The library as a wheel, outside of the checkout: ``make test-wheel``. Plain ``pytest`` leaves this folder out."""
