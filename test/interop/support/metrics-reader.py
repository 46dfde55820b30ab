"""Reads metrics with the parsers of prometheus_client: JSON of each family, by the Content-Type of the answer."""

import json
import sys
import urllib.request

from prometheus_client import parser as older
from prometheus_client.openmetrics import parser as openmetrics


def main(url, accept):
    request = urllib.request.Request(url, headers={"Accept": accept} if accept else {})
    with urllib.request.urlopen(request, timeout=10) as answer:
        kind = answer.headers["Content-Type"]
        text = answer.read().decode("utf-8")
    parser = openmetrics if kind.startswith("application/openmetrics-text") else older
    families = [
        {
            "name": family.name,
            "type": family.type,
            "unit": family.unit,
            "help": family.documentation,
            "samples": [[sample.name, sample.labels, sample.value] for sample in family.samples],
        }
        for family in parser.text_string_to_metric_families(text)
    ]
    print(json.dumps({"contentType": kind, "families": families}))


main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "")
