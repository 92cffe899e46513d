"""nginx on loopback, with data made once: the server of every transfer that is timed here."""

from __future__ import annotations

import hashlib
import os
import random
import socket
import subprocess
import time
import zipfile
from pathlib import Path
from typing import Self
from urllib.request import urlopen

from pydicom.data import get_testdata_file

DATA = Path(__file__).parent / "data"
_CHUNK = 1 << 24

_CONFIG = r"""
{modules}
worker_processes 1;
daemon on;
pid {run}/nginx.pid;
error_log {run}/error.log;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  sendfile on;
  keepalive_requests 1000000;
  client_body_temp_path {run}/body;
  proxy_temp_path {run}/proxy;
  fastcgi_temp_path {run}/fastcgi;
  uwsgi_temp_path {run}/uwsgi;
  scgi_temp_path {run}/scgi;
  map $args $series {{ default ""; ~prefix=(?<folder>series-[0-9]+) $folder; }}
  map $args $page {{ default ""; ~continuation-token=(?<token>\d+) $token; ~list-type=2 0; }}
  server {{
    listen 127.0.0.1:{port} backlog=1024;
    root {data};
    location ~ ^/bucket(?<keys>\d+)/$ {{ rewrite ^ /pages-$keys/$page.xml break; }}
    location ~ ^/bucket\d+/. {{ rewrite ^ /tiny.bin break; }}
    location = /idc-open-data {{ return 200; }}
    location = /idc-open-data/ {{ rewrite ^ /listed/$series.xml break; }}
    location /idc-many/ {{ rewrite ^ /one.dcm break; }}
    location = /idc-many/ {{ rewrite ^ /many/$series.xml break; }}
    location /idc-open-data/ {{ alias {data}/idc/; }}
    location /tiny/ {{ rewrite ^ /tiny.bin break; }}
    location /slow50/ {{ alias {data}/; limit_rate 20m; {wait50} }}
    location /slow100/ {{ alias {data}/; limit_rate 20m; {wait100} }}
  }}
}}
"""


class Web:
    """A context manager: nginx runs while it is open. `base` is its address."""

    def __enter__(self) -> Self:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.base = f"http://127.0.0.1:{port}"
        run = DATA / "run"
        run.mkdir(parents=True, exist_ok=True)
        modules = [path for path in Path("/usr/lib/nginx/modules").glob("*.so") if path.name in _LUA]
        self.latency = len(modules) == len(_LUA)
        wait = "access_by_lua_block {{ ngx.sleep({}) }}"
        config = _CONFIG.format(
            modules="\n".join(f"load_module {path};" for path in sorted(modules)),
            run=run.resolve(),
            data=DATA.resolve(),
            port=port,
            wait50=wait.format(0.05) if self.latency else "",
            wait100=wait.format(0.1) if self.latency else "",
        )
        (run / "nginx.conf").write_text(config, encoding="ascii")
        os.chmod(DATA, 0o755)  # noqa: PTH101 - the workers run as another user
        self._config = run / "nginx.conf"
        subprocess.run(["nginx", "-c", str(self._config.resolve())], check=True)
        for _ in range(100):
            try:
                urlopen(self.base, timeout=1).read()
            except OSError as error:
                if "HTTP Error" in str(error):
                    break
                time.sleep(0.05)
        return self

    def __exit__(self, *exception: object) -> None:
        subprocess.run(["nginx", "-c", str(self._config.resolve()), "-s", "quit"], check=True)


_LUA = {"ndk_http_module.so", "ngx_http_lua_module.so"}


def many(name: str, count: int, size: int) -> list[tuple[str, str]]:
    """Make `count` files of `size` bytes once; give their paths below the server's root and their SHA-256."""
    folder = DATA / name
    listing = DATA / f"{name}.sha256"
    if not listing.exists():
        folder.mkdir(parents=True, exist_ok=True)
        noise = random.Random(1)
        rows = []
        for number in range(count):
            digest = hashlib.sha256()
            with (folder / f"{number:06}.bin").open("wb") as file:
                for left in range(size, 0, -_CHUNK):
                    body = noise.randbytes(min(left, _CHUNK))
                    digest.update(body)
                    file.write(body)
            rows.append(f"{digest.hexdigest()}  {name}/{number:06}.bin")
        listing.write_text("\n".join(rows) + "\n", encoding="ascii")
    return [(path, digest) for digest, path in (line.split() for line in listing.read_text("ascii").splitlines())]


def dicom_zip(count: int) -> Path:
    """Make a zip of `count` DICOM files, each with UIDs of its own, from one of pydicom's scanner files."""
    target = DATA / f"dicom{count}.zip"
    if not target.exists():
        DATA.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for number, body in enumerate(dicoms(count)):
                archive.writestr(f"series/{number:06}.dcm", body)
    return target


def dicom_folder(count: int) -> Path:
    """Make a folder of `count` DICOM files."""
    target = DATA / f"dicom{count}"
    if not target.exists():
        target.mkdir(parents=True)
        for number, body in enumerate(dicoms(count)):
            (target / f"{number:06}.dcm").write_bytes(body)
    return target


def dicoms(count: int):  # noqa: ANN201 - a generator of bytes
    """Yield real CT objects with their instance numbers told apart in the SOP Instance UID, length unchanged."""
    path = get_testdata_file("CT_small.dcm", download=False)
    body = Path(str(path)).read_bytes()
    noise = random.Random(2)
    uid = b"1.3.6.1.4.1.5962.1.1.1.1.1.20040119072730.12322"
    for number in range(count):
        changed = body.replace(uid, uid[:-5] + f"{number:05}".encode())
        yield changed[:-8192] + noise.randbytes(4096) + changed[-4096:]


def instance(number: int, lines: int) -> bytes:
    """Make a CT of `lines` x 256 pixels, with a SOP Instance UID of its own."""
    body = Path(str(get_testdata_file("CT_small.dcm", download=False))).read_bytes()
    at = body.rindex(b"\xe0\x7f\x10\x00OW\0\0")
    uid = b"1.3.6.1.4.1.5962.1.1.1.1.1.20040119072730.12322"
    header = body[:at].replace(uid, uid[:-5] + f"{number:05}".encode())
    header = header.replace(b"\x28\x00\x10\x00US\2\0\x80\0", b"\x28\x00\x10\x00US\2\0" + lines.to_bytes(2, "little"))
    header = header.replace(b"\x28\x00\x11\x00US\2\0\x80\0", b"\x28\x00\x11\x00US\2\0\0\1")
    pixels = random.Random(number).randbytes(lines * 512)
    return header + body[at : at + 8] + len(pixels).to_bytes(4, "little") + pixels


def idc(series: int, each: int) -> list[str]:
    """Make a bucket of instances of 40 to 500 KB with the listing of each series' folder; give the keys."""
    keys, listed = [], DATA / "listed"
    listed.mkdir(parents=True, exist_ok=True)
    for number in range(series):
        folder = DATA / "idc" / f"series-{number}"
        folder.mkdir(parents=True, exist_ok=True)
        rows = []
        for place in range(each):
            path = folder / f"{place:04}.dcm"
            if not path.exists():
                path.write_bytes(instance(number * each + place, 70 + (number * each + place) * 37 % 860))
            keys.append(f"series-{number}/{path.name}")
            rows.append((keys[-1], path.stat().st_size))
        (listed / f"series-{number}.xml").write_text(listing(rows), encoding="ascii")
    return keys


def listing(rows: list[tuple[str, int]]) -> str:
    """Write the listing of a folder of a bucket."""
    keys = "".join(f"<Contents><Key>{key}</Key><Size>{size}</Size></Contents>" for key, size in rows)
    return f"<ListBucketResult><IsTruncated>false</IsTruncated>{keys}</ListBucketResult>"


def idc_index(path: Path, bucket: str, series: int, each: int) -> None:
    """Write an index of the Imaging Data Commons with one collection, `bench`."""
    import duckdb

    made = (
        "SELECT 'bench' AS collection_id, NULL::VARCHAR AS analysis_result_id, 'P' || n AS PatientID,"
        " '1.2.' || n AS SeriesInstanceUID, '1.3.' || n AS StudyInstanceUID, 'CHEST' AS BodyPartExamined,"
        f" 'CT' AS Modality, 'CC BY 4.0' AS license_short_name, '{bucket}' AS aws_bucket,"
        f" 'series-' || n AS crdc_series_uuid, {each} AS instanceCount,"
        f" 's3://{bucket}/series-' || n || '/*' AS series_aws_url, 0.3 * {each} AS series_size_MB,"
        f" '10.7937/bench' AS source_DOI FROM range({series}) t(n)"
    )
    duckdb.sql(f"COPY ({made}) TO '{path}' (FORMAT parquet)")
