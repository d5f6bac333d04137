"""A FHIR client from PyPI against a running hub: `python client.py stage.json`."""

import asyncio
import json
import sys

from fhirpy import AsyncFHIRClient
from fhirpy.base.exceptions import AuthorizationError, ForbiddenError, OperationOutcome, ResourceNotFound

MEMBER = "http://jpfhir.jp/fhir/clins/Idsystem/JP_Insurance_memberID"


def check(what, holds):
    print(("ok   " if holds else "FAIL ") + what)
    if not holds:
        raise SystemExit(1)


def reference(receipt, name):
    found = next(one for one in receipt["parameter"] if one["name"] == name)
    return found["valueReference"]["reference"].split("/")[1]


async def refusal(kind, awaitable):
    """The OperationOutcome with which something is refused."""
    try:
        await awaitable
    except kind as error:
        return getattr(error, "resource", None) or json.loads(str(error))
    return None


def codes(outcome):
    return [issue["details"]["coding"][0]["code"] for issue in outcome["issue"]]


async def main(stage):
    def client(who):
        return AsyncFHIRClient(stage["url"] + "/fhir", authorization="Bearer " + stage["tokens"][who])

    clinic, hospital, doctor = client("clinic"), client("hospital"), client("doctor")
    bundles = stage["patient"]["bundles"]

    statement = await AsyncFHIRClient(stage["url"] + "/fhir").execute("metadata", method="get")
    check("metadata: R4, without a token", statement["fhirVersion"] == "4.0.1")

    receipt = await hospital.execute("Bundle", data=bundles["condition"])
    person, unit = reference(receipt, "patient"), reference(receipt, "bundle")
    check("register: a receipt", receipt["resourceType"] == "Parameters")
    again = await hospital.execute("Bundle", data=bundles["condition"])
    check("register again: the same unit", reference(again, "bundle") == unit)
    for results in bundles["observations"]:
        await hospital.execute("Bundle", data=results)
    # The library takes every Bundle for a transaction, so it is sent as a plain request.
    sent = await clinic.execute("Bundle", data=bundles["referral"])
    check("register a referral", reference(sent, "patient") == person)

    # Nothing is seen without consent, and the client can tell why.
    refused = await refusal(ForbiddenError, doctor.resources("Condition").search(patient=person).fetch())
    check("no consent: 403 with its rule", refused and codes(refused) == ["no-grant"])

    await doctor_consent(stage)

    found = await doctor.resources("Patient").search(identifier=f"{MEMBER}|{stage['patient']['member']}").fetch()
    check("search Patient?identifier", [one.id for one in found] == [person])
    patient = await doctor.reference("Patient", person).to_resource()
    check("read Patient", patient["resourceType"] == "Patient" and patient.id == person)

    conditions = await doctor.resources("Condition").search(patient=person).fetch()
    check("search Condition?patient", len(conditions) > 0 and all(one.resource_type == "Condition" for one in conditions))
    check("count by total", await doctor.resources("Condition").search(patient=person).count() == len(conditions))

    whole = await doctor.resources("Observation").search(patient=person).fetch()
    paged = await doctor.resources("Observation").search(patient=person).limit(2).fetch_all()
    first = await doctor.resources("Observation").search(patient=person).limit(2).fetch()
    check("a page holds two", len(first) == 2 and len(whole) > 2)
    check("paging gives the whole, in order", [one.serialize() for one in paged] == [one.serialize() for one in whole])

    inbox = await hospital.resources("Task").search(owner=f"Organization/{stage['numbers']['hospital']}").fetch()
    mine = [one for one in inbox if one["for"]["reference"] == f"Patient/{person}"]
    check("search Task?owner", len(mine) == 1)
    document = await doctor.reference("Bundle", mine[0].id).to_resource()
    check("read the referral", document["type"] == "document")
    status = await clinic.reference("Task", mine[0].id).to_resource()
    check("read Task: fetched", status["businessStatus"]["coding"][0]["code"] == "fetched")

    documents = await clinic.resources("DocumentReference").search(patient=person).fetch()
    check("search DocumentReference?patient", any(one.id == mine[0].id for one in documents))

    events = await client("safety").resources("AuditEvent").search(patient=person).limit(3).fetch_all()
    check("search and page AuditEvent", len(events) > 3 and len({one.id for one in events}) == len(events))

    found = await clinic.resources("Organization").search(identifier=stage["numbers"]["hospital"]).fetch()
    check("search Organization?identifier", [one.id for one in found] == [stage["numbers"]["hospital"]])

    broken = json.loads(json.dumps(bundles["condition"]))
    del broken["timestamp"]
    broken["identifier"]["value"] += "-B"
    outcome = await refusal(OperationOutcome, hospital.execute("Bundle", data=broken))
    check("a broken bundle: every finding in an OperationOutcome", outcome and len(codes(outcome)) > 0)
    check("the outcome says how to mend it", "text" in outcome["issue"][0]["details"])
    gone = await refusal(ResourceNotFound, doctor.reference("Patient", "no-such-id").to_resource())
    check("an unknown id: 404 with an OperationOutcome", gone and gone["resourceType"] == "OperationOutcome")
    stranger = AsyncFHIRClient(stage["url"] + "/fhir", authorization="Bearer wrong")
    login = await refusal(AuthorizationError, stranger.resources("Condition").search(patient=person).fetch())
    check("a wrong token: 401 with an OperationOutcome", login and login["resourceType"] == "OperationOutcome")
    newer = json.loads(json.dumps(bundles["referral"]))
    newer["meta"]["versionId"] = "2"
    late = await refusal(OperationOutcome, clinic.execute(f"Bundle/{mine[0].id}", method="put", data=newer))
    check("a change after the receipt: 409", late and codes(late) == ["referral-fetched"])
    taken = await refusal(OperationOutcome, clinic.delete("Bundle", mine[0].id))
    check("a cancellation after the receipt: 409", taken and codes(taken) == ["referral-fetched"])
    check("delete", await hospital.delete("Bundle", unit) is None)


async def doctor_consent(stage):
    """The patient consents at the hospital's card reader, to the six informations; waiting referrals open."""
    reader = AsyncFHIRClient(stage["url"] + "/api/v1", authorization="Bearer " + stage["tokens"]["hospital"])
    consent = {"member": stage["patient"]["member"], "groups": ["diagnosis", "treatment"]}
    await reader.execute("consents", data=consent)


with open(sys.argv[1], encoding="utf-8") as file:
    asyncio.run(main(json.load(file)))
