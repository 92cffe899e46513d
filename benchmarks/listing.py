"""What does a listing cost? A million series through `nbia.files`, and a bucket of 10,000 keys beside obstore.

    python benchmarks/listing.py [--series 1000000] [--keys 10000]

The listing is made while it is sent, by another process on loopback, so that only the reader's memory is measured.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from statistics import median
from urllib.parse import parse_qs, urlsplit

from obstore import list as listing
from obstore.store import S3Store

from fetchers.dataset import Dataset, Selection
from fetchers.sources import load
from fetchers.sources.bucket import Bucket
from fetchers.transport.http_client import converse
from fetchers.transport.network_session import NetworkSession

PAGE = 1000  # keys of a page, as Amazon gives them
ROUNDS = 5
ROW = {
    "StudyInstanceUID": "1.3.6.1.4.1.14519.5.2.1.6279.6001.298806137288633453246975630178",
    "Modality": "CT",
    "SeriesDate": "2000-01-01 00:00:00.0",
    "BodyPartExamined": "CHEST",
    "SeriesNumber": "3000566.000000",
    "AnnotationsFlag": "false",
    "Collection": "MILLION",
    "PatientID": "MILLION-0001",
    "Manufacturer": "GE MEDICAL SYSTEMS",
    "ManufacturerModelName": "LightSpeed Plus",
    "SoftwareVersions": "LightSpeedApps2.4.2_H2.4M5",
    "ImageCount": 133,
    "MaxSubmissionTimestamp": "2011-06-23 17:43:31.0",
    "LicenseName": "Creative Commons Attribution 3.0 Unported License",
    "LicenseURI": "http://creativecommons.org/licenses/by/3.0/",
    "DataDescriptionURI": "https://doi.org/10.7937/K9/TCIA.2015.LO9QL9SX",
    "FileSize": 70050638,
    "ThirdPartyAnalysis": "NO",
}


class Handler(BaseHTTPRequestHandler):
    """NBIA's getSeries with as many rows as the collection's name says, and pages of a bucket `open`."""

    protocol_version = "HTTP/1.0"  # the end of the connection is the end of the list: no length, as NBIA

    def do_GET(self) -> None:
        """Answer."""
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.send_response(200)
        self.end_headers()
        if parts.path.endswith("getSeries"):
            self._series(int(query["Collection"]))
        else:
            self.wfile.write(_page(int(query.get("continuation-token", "0")), int(parts.path.strip("/").split("-")[1])))

    def _series(self, count: int) -> None:
        tail = json.dumps({**ROW, "Collection": str(count)})[1:]
        for start in range(0, count, 1000):
            rows = (
                f'{{"SeriesInstanceUID":"1.3.6.1.4.1.14519.5.2.1.{n}.{n + 1}",{tail}'
                for n in range(start, min(start + 1000, count))
            )
            self.wfile.write((("[" if start == 0 else ",") + ",".join(rows)).encode())
        self.wfile.write(b"]")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Say nothing."""


def _page(start: int, count: int) -> bytes:
    end = min(start + PAGE, count)
    objects = "".join(
        f"<Contents><Key>data/sub-{n:07}/anat/sub-{n:07}_T1w.nii.gz</Key>"
        "<LastModified>2016-01-01T00:00:00.000Z</LastModified>"
        f"<ETag>&quot;d41d8cd98f00b204e9800998ecf8427e&quot;</ETag><Size>{n}</Size>"
        "<StorageClass>STANDARD</StorageClass></Contents>"
        for n in range(start, end)
    )
    more = f"<IsTruncated>true</IsTruncated><NextContinuationToken>{end}</NextContinuationToken>"
    return (
        '<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
        f"<Name>open</Name><Prefix></Prefix><KeyCount>{end - start}</KeyCount><MaxKeys>{PAGE}</MaxKeys>"
        f"{more if end < count else '<IsTruncated>false</IsTruncated>'}{objects}</ListBucketResult>"
    ).encode()


def serve() -> None:
    """Serve until the standard input ends; say the port first."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_address[1], flush=True)
    sys.stdin.read()


def peak() -> float:
    """Give this process's largest resident size so far, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def million(base: str, count: int) -> None:
    """Read `count` series through the source, as `get` does."""
    with converse(NetworkSession(retries=0)) as client:
        source = load("nbia")
        for size in (1000, count):
            dataset = Dataset(name="tcia", part=str(size), options={"api": base})
            start = time.perf_counter()
            found = sum(1 for _ in source.files(dataset, Selection(), client))
            seconds = time.perf_counter() - start
            print(f"tcia   {found:>9,} series   {seconds:7.2f} s   {found / seconds:>9,.0f}/s   peak {peak():6.1f} MiB")


def bucket(base: str, count: int) -> None:
    """List a bucket by the source and by obstore, in turns."""
    name = f"open-{count}"
    theirs, ours = [], []
    with converse(NetworkSession(retries=0)) as client:
        for _ in range(ROUNDS):
            start = time.perf_counter()
            keys = sum(1 for _ in Bucket(base, name, client).objects(""))
            ours.append(time.perf_counter() - start)
            start = time.perf_counter()
            options = {"allow_http": True}
            store = S3Store(name, endpoint=base, region="us-east-1", skip_signature=True, client_options=options)
            others = sum(len(batch) for batch in listing(store))
            theirs.append(time.perf_counter() - start)
            assert keys == others == count, (keys, others)
    for who, times in (("s3", ours), ("obstore", theirs)):
        print(f"{who:<8}{count:>7,} keys     {median(times):7.3f} s   {count / median(times):>9,.0f}/s")


def main() -> None:
    """Start the server in a process of its own, then measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--series", type=int, default=1_000_000)
    parser.add_argument("--keys", type=int, default=10_000)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        serve()
        return
    command = [sys.executable, __file__, "--serve"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        assert server.stdin is not None
        base = f"http://127.0.0.1:{server.stdout.readline().strip()}"
        try:
            million(f"{base}/", given.series)
            bucket(base, given.keys)
        finally:
            server.stdin.close()


if __name__ == "__main__":
    main()
