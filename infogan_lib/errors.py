"""The error that the course raises for what its user can mend."""


class InfoGANError(Exception):
    """Something the user can put right: one line with what is wrong, what was expected and what to do.

    The command line prints the line and ends with exit code 2; a notebook shows it as the last line of the traceback.
    """
