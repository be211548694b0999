"""`make dismiss`: a delivery that stands refused or held and will never come mended is told no more.

Its receipt in the archive keeps who said so, when and why; nothing of it is loaded, and nothing is removed.
"""

import argparse
from collections.abc import Sequence

from include import archive, warehouse
from include.console import CONSOLE
from include.contract_reader import find_dataset
from include.ledger import user
from include.nearest import known_or_nearest
from include.problem import Problem, run
from include.returns import write_returns
from include.standing import STANDING, take_dismissed
from include.visible import visible


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line. Raises `Problem` when nothing was dismissed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", help="<agency>/<dataset>/<period>/<name>, as a night and `make status` name it")
    parser.add_argument("--why", default="", help="kept with the receipt")
    given = parser.parse_args(arguments)
    if not given.why.strip():
        raise Problem('Say why the delivery is dismissed: WHY="a letter, no data".')
    with warehouse.connect() as con:
        standing = con.execute(
            "select delivery_id, agency, dataset, concat_ws('/', agency, dataset, coalesce(period, 'no period'), file_name) "
            f"from ({STANDING}) order by received_at"
        ).fetchall()
        named = [(id_, agency, name, visible(place)) for id_, agency, name, place in standing]
        chosen = [one for one in named if one[-1] == given.file]
        if not chosen:
            near = known_or_nearest(given.file, [place for *_, place in named]) if named else "none does"
            raise Problem(f"No delivery of that name stands refused or held: FILE={visible(given.file)}; {near}.")
        for delivery_id, agency, name, place in chosen:
            dataset = find_dataset(agency, name)
            [delivery] = [one for one in archive.deliveries(dataset) if one.delivery_id == delivery_id]
            archive.dismiss(delivery, user(), given.why.strip())
            take_dismissed(con, dataset)
            write_returns(con, dataset)
            CONSOLE.print(f"dismissed: {place}", markup=False)
    return 0


if __name__ == "__main__":
    run(main)
