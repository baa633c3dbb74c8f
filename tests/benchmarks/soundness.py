"""``python -m tests.benchmarks.soundness FOLDER...``: is each folder's report the same with the screen and without?"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from bufferlint.cli.invocation import prepare
from bufferlint.engine import analyse


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.soundness", description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    differing = 0
    for folder in parser.parse_args().folders:
        reports = []
        seconds = []
        for screened in (True, False):
            setup = prepare([str(folder)], {})
            began = time.process_time()
            reports.append(analyse(setup.targets, setup.workspace, setup.settings, screened=screened))
            seconds.append(time.process_time() - began)
        same = reports[0] == reports[1]
        differing += not same
        counts = f"{reports[0].files} files, {len(reports[1].findings)} findings"
        print(f"{folder.name}: {'same' if same else 'DIFFERENT'}, {counts}, {seconds[0]:.1f} s and {seconds[1]:.1f} s")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
