"""What ought to be true of a ladder, and whether it is.

`check(protocol)` gives the verdicts of all claims; `claims.ALL` are the claims; `times(graph)`
are the fastest way and the two worst ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from proofs.cells import Verdicts, verdicts
    from proofs.claims import ALL
    from proofs.verdict import Times, Verdict, check, times

__all__ = ["ALL", "Times", "Verdict", "Verdicts", "check", "times", "verdicts"]


def __getattr__(name: str) -> Any:
    """Load the solver only when something is asked of it."""
    if name == "ALL":
        from proofs.claims import ALL

        return ALL
    if name in ("Verdicts", "verdicts"):
        from proofs import cells

        return getattr(cells, name)
    if name in ("Times", "Verdict", "check", "times"):
        from proofs import verdict

        return getattr(verdict, name)
    raise AttributeError(f"module 'proofs' has no attribute {name!r}")
