"""A SCIM client and conformance tester from PyPI against a running hub: `python accounts.py stage.json`."""

import json
import sys

from httpx2 import Client
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import Status, check_server


def main(stage):
    headers = {"authorization": "Bearer " + stage["tokens"]["accounts"]}
    with Client(base_url=stage["url"] + "/scim/v2", headers=headers) as http:
        results = check_server(SyncSCIMClient(http))
        wrong = [one for one in results if one.status in (Status.DEVIATION, Status.ERROR, Status.CRITICAL)]
        for one in wrong:
            print(f"FAIL {one.title}: {one.reason}")
        done = [one for one in results if one.status == Status.SUCCESS]
        print(f"ok   {len(done)} checks of scim2-tester, {len(results) - len(done) - len(wrong)} left out")
        if wrong or len(done) < 20:
            raise SystemExit(1)


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        main(json.load(file))
