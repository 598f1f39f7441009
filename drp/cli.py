"""The command `drp`. Each subcommand imports what it needs, and nothing before."""

from __future__ import annotations

import argparse
import gc
import io
import os
import re
import sys
from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from typing import Any

from drp import __version__

OK, DIFFERENT, BAD_INPUT, UNDECIDED, OUR_FAULT = 0, 1, 2, 3, 4

EPILOG = """\
exit codes, the same for every format:
  0  every verdict as recorded; for a file without a record, no must or should claim broken
  1  a verdict differs from the record; without a record, such a claim is broken
  2  bad input or usage, or nothing to check
  3  undecided, or not confirmed by the second solver
  4  a fault of ours, or two solvers that disagree
"""


class _Parser(argparse.ArgumentParser):
    """A parser in whose messages no argument acts on a terminal or a log."""

    def _print_message(self, message: str, file: Any = None) -> None:
        from model.harmless import line

        said = "\n".join(map(line, message.split("\n")))
        super()._print_message(said, file)


def parser() -> argparse.ArgumentParser:
    """The command line, with its help."""
    top = _Parser(
        prog="drp",
        description="Check local dispute resolution protocols against the law and themselves.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"drp {__version__}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)

    check = commands.add_parser(
        "check",
        help="check policy files against every claim",
        description="Check policy files (default: all of model/authorities).",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    check.add_argument("files", nargs="*", metavar="FILE", help="a policy file, or its stem")
    _amend(check)
    check.add_argument("--format", choices=("text", "json", "markdown"), default="text")
    check.add_argument(
        "--claim", action="append", metavar="ID", help="only this claim (repeatable)"
    )
    check.add_argument("--from", dest="start", type=_day, metavar="DATE",
                       help="the day on which stories begin (default: 2026-01-06, or the first "
                            "day after it on which their dates are true)")  # fmt: skip
    check.add_argument("--brief", action="store_true", help="verdicts only, without the stories")
    check.add_argument("--record", action="store_true",
                       help="write proofs/VERDICTS.md and proofs/verdicts.json")  # fmt: skip
    check.add_argument(
        "--smtlib",
        metavar="DIR",
        help="write there every question that a verdict rests on, in SMT-LIB 2.6",
    )
    check.add_argument(
        "--second-solver", choices=("cvc5",), help="ask another solver all of these questions, too"
    )
    check.add_argument(
        "--rlimit", type=_budget, metavar="N", help="the solver's budget for a question"
    )

    check.add_argument("--certificates", metavar="DIR",
                       help="write the evidence there, for “drp verify”")  # fmt: skip

    verify = commands.add_parser(
        "verify", help="check certificates anew, without a solver",
        description="Check the certificates that “drp check --certificates” wrote. Exit code 0: "
                    "all are shown; 1: one is refused; 2: there is none; 3: some verdict is not "
                    "shown by its certificate, or its policy file is not at hand.",
    )  # fmt: skip
    verify.add_argument("folder", metavar="DIR", help="the folder, or one certificate")
    verify.add_argument("files", nargs="*", metavar="FILE",
                        help="the policy files (default: those of model/authorities)")  # fmt: skip
    verify.add_argument("--format", choices=("text", "json"), default="text")

    show = commands.add_parser("show", help="a ladder as a table, with its open questions")
    show.add_argument("file", metavar="FILE")
    _amend(show)
    show.add_argument("--format", choices=("text", "json", "markdown"), default="text")

    draw = commands.add_parser("draw", help="draw a ladder")
    draw.add_argument("file", metavar="FILE")
    _amend(draw)
    draw.add_argument("--ladder", metavar="NAME", help="which ladder (default: the first)")
    draw.add_argument("--format", choices=("svg", "dot", "mermaid", "graphml"), default="svg")
    draw.add_argument("--out", metavar="PATH", help="write there instead of printing")

    _export(commands.add_parser(
        "export", help="write a ladder for another model checker",
        description="Write one ladder, in one world, in the language of another model checker. "
                    "docs/exports.md says what each can be asked.",
    ))  # fmt: skip
    _mutation(commands)

    explain = commands.add_parser("explain", help="what a claim says, its law, and what mends it")
    explain.add_argument("claim", metavar="CLAIM", nargs="?", help="default: list the claims")

    _simulation(commands)
    sensitivity = commands.add_parser(
        "sensitivity", help="which assumption a simulated figure, or a difference, hangs on"
    )
    _sensitivity(sensitivity)

    schema = commands.add_parser("schema", help="print the JSON Schema of a file, for editors")
    schema.add_argument("--for", dest="kind", choices=("policy", "amendment", "workload", "study"),
                        default="policy", help="which kind of file (default: policy)")  # fmt: skip

    new = commands.add_parser("new", help="write a commented policy file to start from")
    new.add_argument("name", metavar="NAME", help="becomes NAME.yaml in the current folder")

    commands.add_parser("doctor", help="versions, solver and calendar")
    return top


def _mutation(commands: Any) -> None:
    mutate = commands.add_parser(
        "mutate", help="every single change of a policy, and which verdicts notice it",
        description="Change a policy file in every single way, and tell which verdicts change. "
        "Exit code 1 if a change is noticed by no verdict, differs in the state graph, and is not "
        "explained; 3 if whether some verdict stays could not be decided.",
    )  # fmt: skip
    mutate.add_argument("file", metavar="FILE", help="a policy file, or its stem")
    mutate.add_argument("--format", choices=("text", "json"), default="text")
    mutate.add_argument("--ladder", metavar="NAME", help="only changes of this ladder")
    mutate.add_argument(
        "--kind", action="append", default=[], metavar="KIND",
        help="only changes of this kind, such as 'window longer' (repeatable)",
    )  # fmt: skip
    mutate.add_argument("--record", action="store_true",
                        help="write proofs/SURVIVORS.md and proofs/survivors.json")  # fmt: skip
    mutate.add_argument("--processes", type=_positive, default=1, metavar="N",
                        help="spread the changes over so many (default: 1)")  # fmt: skip


def _simulation(commands: Any) -> None:
    """The commands of simulation."""
    simulate = commands.add_parser(
        "simulate", help="run a protocol under a caseload",
        description="Run a protocol under a workload, replication by replication.",
    )  # fmt: skip
    simulate.add_argument("protocol", metavar="PROTOCOL", help="a policy file, or its stem")
    _amend(simulate)
    _run(simulate)
    compare = commands.add_parser(
        "compare", help="what one protocol or amendment changes against another",
        description="What B changes against A, on common random numbers.",
    )  # fmt: skip
    compare.add_argument("a", metavar="A", help="a policy file or an amendment, or its stem")
    compare.add_argument("b", metavar="B", help="what is compared with it")
    _run(compare)
    study = commands.add_parser(
        "study", help="run a study file, and compare it with its record",
        description="Run a study: arms on common random numbers, until the interval is narrow.",
    )  # fmt: skip
    study.add_argument("file", metavar="FILE", help="a study file, or its stem")
    study.add_argument("--record", action="store_true", help="write its result beside it")
    _output(study)


def _run(command: argparse.ArgumentParser) -> None:
    command.add_argument("--workload", metavar="W",
                         help="a workload file, or its stem (default: that of the protocol's name, "
                              "or else national)")  # fmt: skip
    command.add_argument(
        "--authority", metavar="NAME", help="which authority of the workload (default: its only)"
    )
    command.add_argument("--precision", action="append", default=[], metavar="MEASURE=HALFWIDTH",
                         help="go on until the interval is so narrow, as in "
                              "'within 20 working days=2 %%' (repeatable)")  # fmt: skip
    command.add_argument("--seed", type=_count, default=1, metavar="N",
                         help="what all draws come from (default: 1)")  # fmt: skip
    command.add_argument("--replications", type=_count, metavar="N",
                         help="how many at most (default: 20; 200 with --precision)")  # fmt: skip
    _output(command)


def _output(command: argparse.ArgumentParser) -> None:
    command.add_argument("--out", metavar="DIR", help="write tables there, as CSV and Parquet")
    command.add_argument("--format", choices=("text", "json", "csv"), default="text")
    command.add_argument("--brief", action="store_true", help="the answer only, without tables")
    command.add_argument("--assumptions", action="store_true", help="tell every assumed number")
    command.add_argument(
        "--overload", action="store_true", help="run it even if more work comes than can be done"
    )
    command.add_argument("--processes", type=_count, default=1, metavar="N",
                         help="spread the arms over so many (default: 1)")  # fmt: skip


def _count(text: str) -> int:
    if not text.isdecimal() or len(text) > 9:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 0 up")
    return int(text)


def _amend(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--amend", action="append", default=[], metavar="AMENDMENT",
        help="apply this amendment first (repeatable, in their order)",
    )  # fmt: skip


def _sensitivity(command: argparse.ArgumentParser) -> None:
    add = command.add_argument
    add("protocol", metavar="PROTOCOL", help="a policy file, or its stem")
    _amend(command)
    add("--against", metavar="B", help="another policy, or an amendment of PROTOCOL, to take away")
    add("--workload", metavar="W", help="a workload file, or its stem (default: PROTOCOL's own)")
    add("--measure", default="days", metavar="M", help="what is measured (default: days)")
    add("--of", default="", metavar="X", help="of which rung, outcome or post")
    add("--seed", type=_positive, default=1, metavar="N", help="(default: 1)")
    add("--replications", type=_positive, default=8, metavar="N",
        help="as stated, and in the scan (default: 8); the screening has one")  # fmt: skip
    add("--trajectories", type=_positive, default=4, metavar="N", help="Morris's (default: 4)")
    add("--samples", type=_number, default=16, metavar="N", help="Sobol's; 0: none (default: 16)")
    add("--top", type=_positive, default=4, metavar="N", help="groups looked into (default: 4)")
    add("--scan", type=_positive, default=8, metavar="N", help="numbers scanned (default: 8)")
    add("--format", choices=("text", "json"), default="text")
    add("--out", metavar="PATH", help="draw it, too: a file in .svg, .png or .pdf")


def _export(command: argparse.ArgumentParser) -> None:
    add = command.add_argument
    add("file", metavar="FILE", help="a policy file, or its stem")
    _amend(command)
    add("--to", choices=("prism", "smtlib", "tchecker", "uppaal"), required=True)
    add("--ladder", metavar="NAME", help="which ladder (default: the first)")
    add(
        "--reading",
        action="append",
        default=[],
        metavar="QUESTION=ANSWER",
        help="answer a question, or a silence of the text (repeatable; default: the plain answer)",
    )
    add(
        "--fact",
        action="append",
        default=[],
        metavar="NAME",
        help="a fact that is so in this case (repeatable; default: none is)",
    )
    add("--number", action="append", default=[], metavar="NAME=DAYS",
        help="what the text leaves open, as in 'NAME=5 working days' or 'NAME=no limit' "
             "(repeatable; default: no limit)")  # fmt: skip
    add("--raised-by", metavar="NAME", help="who raises it (default: whoever is named first)")
    add("--child", metavar="KIND", help="for what kind of child (default: the first allowed)")
    add(
        "--conduct",
        choices=("permitted", "diligent"),
        default="permitted",
        help="whatever is permitted, or a raiser who acts at once (default: permitted)",
    )
    add(
        "--bound",
        type=_number,
        default=20,
        metavar="DAYS",
        help="the formal days that questions about time ask for (default: 20)",
    )
    add("--reach", metavar="STATE", help="with smtlib: ask whether this state can be reached")
    add(
        "--every-track",
        action="store_true",
        help="with the side tracks on which nothing of the ladder depends",
    )
    add("--out", metavar="PATH", help="write there instead of printing")


def _positive(text: str) -> int:
    return _whole(text, 1)


def _number(text: str) -> int:
    return _whole(text, 0)


def _budget(text: str) -> int:
    return _whole(text, 1, 4_000_000_000)


def _whole(text: str, least: int, most: int = 1_000_000) -> int:
    if not re.fullmatch("[0-9]{1,10}", text) or not least <= int(text) <= most:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from {least} to {most:,}")
    return int(text)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date such as 2026-01-06") from None


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit code. Never shows a traceback for a policy's faults."""
    given = parser().parse_args(arguments)
    gc.set_threshold(100_000, 50, 50)  # nearly all that a command makes lives until it ends
    from drp import commands

    try:
        code = commands.run(given)
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        complain("drp: stopped")
        return 130
    except BrokenPipeError:
        _say_no_more()
        return OK
    except OSError as error:  # of the last flush
        _say_no_more()
        return usage(f"the output cannot be written: {error.strerror or error}")


def complain(message: str) -> None:
    """A line on the standard error; nothing in it acts on a terminal or a log."""
    from model.harmless import line

    print(line(message), file=sys.stderr)


def usage(message: str) -> int:
    """Say what is wrong with the input or the usage; gives the exit code."""
    complain(f"drp: {message}")
    return BAD_INPUT


def _say_no_more() -> None:
    """Drop what could not be printed, which Python would try again as it ends."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def entry() -> None:
    """The console script: UTF-8 with plain line ends on every system."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")
    code = main()
    gc.freeze()  # all of it goes now; to look through it once more would take a tenth of the time
    sys.exit(code)


if __name__ == "__main__":
    entry()
