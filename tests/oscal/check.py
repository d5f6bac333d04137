"""Has a running demo make an inspection pack, and compliance-trestle, an OSCAL library of other people, read it.

    python check.py http://127.0.0.1:8080 FOLDER

Each model must be one that the library imports as OSCAL 1.1.3 and that passes its validators; what it reads must be what
was written; the hashes of the pack must be those of its files. FOLDER is where the library works. Exit code 0 if so.
"""

import hashlib
import io
import json
import subprocess
import sys
import time
import urllib.parse
import urllib.request
import zipfile
from http.cookiejar import CookieJar
from pathlib import Path

from trestle.oscal import OSCAL_VERSION
from trestle.oscal.assessment_results import AssessmentResults
from trestle.oscal.catalog import Catalog
from trestle.oscal.component import ComponentDefinition
from trestle.oscal.poam import PlanOfActionAndMilestones
from trestle.oscal.profile import Profile

MODELS = {
    'catalog': Catalog,
    'profile': Profile,
    'component-definition': ComponentDefinition,
    'assessment-results': AssessmentResults,
    'poam': PlanOfActionAndMilestones,
}
WAITS_SECONDS = 60


def pack(base):
    """The ZIP that the demo's safety manager makes and takes."""
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def post(path, **fields):
        body = urllib.parse.urlencode(fields).encode()
        headers = {'Origin': base, 'Content-Type': 'application/x-www-form-urlencoded'}
        return opener.open(urllib.request.Request(base + path, data=body, headers=headers))

    post('/door', door='safety-manager')
    page = post('/safety/packs').url
    for _ in range(WAITS_SECONDS):
        if 'id="files"' in opener.open(page).read().decode():
            return opener.open(f'{page}/archive').read()
        time.sleep(1)
    raise SystemExit(f'the pack was not ready after {WAITS_SECONDS} seconds')


def trestle(folder, *words):
    """Runs the library's own command; what it says is told where it fails."""
    ran = subprocess.run([Path(sys.executable).parent / 'trestle', *words], cwd=folder, capture_output=True, text=True)
    if ran.returncode != 0:
        raise SystemExit(f'trestle {" ".join(map(str, words))}:\n{ran.stdout}{ran.stderr}')


def main(base, folder):
    with zipfile.ZipFile(io.BytesIO(pack(base))) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    for line in files['SHA256SUMS'].decode().splitlines():
        digest, name = line.split('  ', 1)
        assert hashlib.sha256(files[name]).hexdigest() == digest, f'{name} is not what SHA256SUMS says'
    workspace = folder / 'workspace'
    workspace.mkdir()
    trestle(workspace, 'init', '--local')
    for name, model in MODELS.items():
        written = folder / f'{name}.json'
        written.write_bytes(files[f'oscal/{name}.json'])
        read = model.oscal_read(written)
        assert read.metadata.oscal_version.__root__ == OSCAL_VERSION, f'{name} is of another OSCAL'
        # The library writes the same moments with an offset where we write Z.
        again = json.loads(read.oscal_serialize_json().replace('+00:00"', 'Z"'))
        assert again == json.loads(written.read_bytes()), f'{name} is not read as it was written'
        trestle(workspace, 'import', '--file', str(written), '--output', name)
    trestle(workspace, 'validate', '--all')
    print(f'OSCAL {OSCAL_VERSION}: {", ".join(MODELS)} read by compliance-trestle, {len(files)} files as SHA256SUMS says')


main(sys.argv[1].rstrip('/'), Path(sys.argv[2]))
