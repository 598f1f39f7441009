"""The checker of certificates: why a verdict is to be believed, without the program that found it.

It uses Python's standard library and nothing else: no solver, and none of the code that searches.
[docs/certificates.md](../docs/certificates.md) says what a certificate holds and what is checked.
"""

from certificates.checker import UNFIT, check
from certificates.formulas import Refused

__all__ = ["UNFIT", "Refused", "check"]
