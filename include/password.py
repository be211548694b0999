"""`make password AGENCY=...`: the password of the workbooks that go to an agency and come back from it."""

import argparse

from include import vault
from include.contract_reader import find_datasets
from include.problem import Problem, run


def main() -> int:
    """Print the password."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("agency")
    agency = parser.parse_args().agency
    if not agency:
        raise Problem("Say whose: make password AGENCY=dinkes.")
    find_datasets(agency)
    print(vault.password(agency))
    return 0


if __name__ == "__main__":
    run(main)
