"""What does a listing of a million objects cost? A bucket (`s3`) and a data set at the Hub (`hf`), and a list (`files_from`).

    python benchmarks/hubs.py [--objects 1000000]

The pages are made while they are sent, by another process on loopback, so that only the reader's memory is measured.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from fetchers.dataset import Dataset, Selection
from fetchers.sources import load
from fetchers.transport.http_client import converse
from fetchers.transport.network_session import NetworkSession
from fetchers.workspace.listed_files import rows

PAGE = 1000
COMMIT = "c" * 40


class Handler(BaseHTTPRequestHandler):
    """Pages of a bucket and of a tree, as many rows as the server was told."""

    protocol_version = "HTTP/1.1"
    objects = 0

    def do_GET(self) -> None:
        """Answer one page."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        bucket = "list-type" in query
        start = int(query.get("continuation-token" if bucket else "cursor", "0"))
        end = min(start + PAGE, self.objects)
        more = end < self.objects
        self.send_response(200)
        if bucket:
            body = _bucket(start, end, more=more)
        else:
            body = _tree(start, end)
            if more:
                self.send_header("Link", f'<{urlsplit(self.path).path}?recursive=true&cursor={end}>; rel="next"')
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Say nothing."""


def _bucket(start: int, end: int, *, more: bool) -> bytes:
    found = "".join(
        f"<Contents><Key>d/{number // 1000:04}/{number:07}.dcm</Key><Size>524288</Size><ETag>&quot;{number:032x}&quot;</ETag></Contents>"
        for number in range(start, end)
    )
    after = f"<NextContinuationToken>{end}</NextContinuationToken>" if more else ""
    return f"<ListBucketResult><IsTruncated>{str(more).lower()}</IsTruncated>{after}{found}</ListBucketResult>".encode()


def _tree(start: int, end: int) -> bytes:
    return json.dumps(
        [
            {
                "type": "file", "path": f"d/{number // 1000:04}/{number:07}.dcm", "size": 524288, "oid": "e" * 40,
                "lfs": {"oid": f"{number:064x}", "size": 524288, "pointerSize": 131},
            }
            for number in range(start, end)
        ]
    ).encode()  # fmt: skip


def _serve(objects: int) -> None:
    Handler.objects = objects
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_address[1], flush=True)
    server.serve_forever()


def _read(kind: str, port: int, objects: int) -> None:
    host = f"http://127.0.0.1:{port}"
    start = time.perf_counter()
    if kind == "list":
        with tempfile.TemporaryDirectory() as folder:
            with Path(folder, "list.csv").open("w") as file:
                file.write("url,path,size,sha256\n")
                file.writelines(
                    f"https://h.example/{number},d/{number // 1000:04}/{number:07}.dcm,7,{number:064x}\n"
                    for number in range(objects)
                )
            start = time.perf_counter()
            count = sum(1 for _ in rows(Path(folder), "list.csv", print))
    else:
        options = {
            "s3": {"endpoint": host, "bucket": "open", "prefix": ""},
            "hf": {"host": host, "repo": "a/b", "revision": COMMIT},
        }[kind]
        with converse(NetworkSession()) as client:
            count = sum(1 for _ in load(kind).files(Dataset(name="x", options=options), Selection(), client))
    seconds = time.perf_counter() - start
    peak = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())
    print(f"{kind:5} {count:>9,} objects {seconds:6.1f} s {int(peak[1]) >> 10 if peak else 0:>5} MiB", flush=True)


def main() -> None:
    """Run each kind in a process of its own, for a tenth and for all of the objects: memory must not grow."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--objects", type=int, default=1_000_000)
    parser.add_argument("--serve", type=int)
    parser.add_argument("--read", nargs=3)
    asked = parser.parse_args()
    if asked.serve:
        _serve(asked.serve)
    elif asked.read:
        _read(asked.read[0], int(asked.read[1]), int(asked.read[2]))
    else:
        for objects in (asked.objects // 10, asked.objects):
            server = subprocess.Popen(
                [sys.executable, __file__, "--serve", str(objects)], stdout=subprocess.PIPE, text=True
            )
            port = (server.stdout.readline() if server.stdout else "").strip()
            for kind in ("s3", "hf", "list"):
                subprocess.run([sys.executable, __file__, "--read", kind, port, str(objects)], check=True)
            server.terminate()
            server.wait()


if __name__ == "__main__":
    main()
