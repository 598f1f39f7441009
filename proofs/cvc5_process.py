"""cvc5 in a process of its own, asked like Z3: scripts come in, and their answers go out.

Run as a program by `second.py`; the only import of cvc5. Each script has a solver of its own.
"""

from __future__ import annotations

import sys

RLIMIT = 4_000_000  # for one question, in cvc5's own count


def answer(script: str) -> str:
    """What cvc5 prints for a script, or an error as one line of SMT-LIB."""
    import cvc5

    solver = cvc5.Solver(cvc5.TermManager())
    solver.setOption("rlimit-per", str(RLIMIT))
    parser = cvc5.InputParser(solver)
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, script, "question")
    printed = ""
    try:
        while not (command := parser.nextCommand()).isNull():
            printed += command.invoke(solver, parser.getSymbolManager())
    except RuntimeError as error:
        return f"(error {' '.join(str(error).split())})"
    return printed.strip()


def serve() -> None:
    """Answer scripts, each up to the command that asks for the mark, until there are no more."""
    mark = '(echo "#")\n'
    lines: list[str] = []
    for line in sys.stdin:
        if line == mark:
            print(answer("".join(lines)), "#", sep="\n", flush=True)
            lines = []
        else:
            lines.append(line)


if __name__ == "__main__":
    serve()
