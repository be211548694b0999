"""`make password AGENCY=...`: the password of the workbooks that go to an agency and come back from it."""

import argparse
import sys

from include import vault
from include.contract_reader import read_agencies
from include.keys import KeyProblem


def main() -> int:
    """Print the password. Returns 1 when a key is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("agency", choices=[agency.name for agency in read_agencies()])
    try:
        print(vault.password(parser.parse_args().agency))
    except KeyProblem as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
