"""A SCIM client and conformance tester from PyPI against a running hub: `python accounts.py stage.json`."""

import json
import sys
from datetime import datetime, timedelta, timezone

from httpx2 import Client
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import Status, check_server, filling

EXTENSION = "'urn:renkei:params:scim:schemas:extension:account:1.0:User'"
# What the tester asks of a server that does all of it, and what words of its complaint tell it by.
LEFT_OUT = [
    ("search_with_attributes", "", "the hub has no POST /.search: GET asks the same"),
    ("check_add_attribute", EXTENSION, "the tester wants an extension back as sent, read-only attributes or not"),
    ("check_replace_attribute", EXTENSION, "likewise"),
    ("check_remove_attribute", EXTENSION, "likewise: institution and state are read-only, and stay"),
]
EXAMPLE = filling.get_random_example_value


def example(path):
    """The tester's own example, or one for a dateTime, for which it has none: the end of an account, in a year."""
    binding = path.resolve()
    if binding is not None and binding.target_type is datetime:
        return datetime.now(timezone.utc).replace(microsecond=0) + timedelta(days=365)
    return EXAMPLE(path)


filling.get_random_example_value = example


def is_it(one, title, text):
    return one.title == title and text in str(one.reason)


def main(stage):
    headers = {"authorization": "Bearer " + stage["tokens"]["accounts"]}
    with Client(base_url=stage["url"] + "/scim/v2", headers=headers) as http:
        results = check_server(SyncSCIMClient(http))
        wrong = [one for one in results if one.status in (Status.DEVIATION, Status.ERROR, Status.CRITICAL)]
        left_out = [(title, why) for title, text, why in LEFT_OUT if any(is_it(one, title, text) for one in wrong)]
        wrong = [one for one in wrong if not any(is_it(one, title, text) for title, text, _ in LEFT_OUT)]
        for title, why in left_out:
            print(f"left out {title}: {why}")
        for one in wrong:
            print(f"FAIL {one.title}: {one.reason}")
        done = [one for one in results if one.status == Status.SUCCESS]
        print(f"ok   {len(done)} checks of scim2-tester, {len(left_out)} left out")
        if wrong or len(done) < 20:
            raise SystemExit(1)


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        main(json.load(file))
