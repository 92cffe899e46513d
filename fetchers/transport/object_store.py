"""An S3 bucket that we write to: put an object where none is, with its SHA-256, whole or in parts.

boto3's low-level calls are used, for they alone take what is needed here: `IfNoneMatch="*"` (nothing is ever
overwritten), `ChecksumSHA256` (the store itself refuses bytes that changed on the way) and `list_parts` (an upload that
was cut off goes on). `upload_file` of boto3 takes no `IfNoneMatch`. Credentials come from boto3's customary chain.

The checksum of an object in parts is the SHA-256 of its parts' SHA-256, in base64, followed by `-` and their number:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from fetchers.errors import AccessError, CatalogueError, ContentError, FetchError, TransferError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from io import BufferedIOBase

PART = 64 << 20  # bytes of a part, and of the largest object that is sent in one piece
_MOST_PARTS = 10_000  # S3's own limit
_MD5 = re.compile(r"[0-9a-f]{32}").fullmatch
_SHA256 = "sha256"  # the user metadata that names an object's hash where the store keeps no checksum
_MISSING = frozenset({"404", "NoSuchKey", "NotFound"})
_TAKEN = frozenset({"412", "PreconditionFailed"})
_AGAIN = "try again later: what arrived is not sent again"
_REFUSED = frozenset({"401", "403", "AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken"})


class Stored(NamedTuple):
    """What lies in the bucket under a key: bytes, and what proves them.

    `checksum` is the store's SHA-256 in base64, of the parts' hashes where it has a `-`; `md5` its ETag, in hex, where
    that is one; `claimed` the hex SHA-256 that its writer left with it.
    """

    size: int
    checksum: str | None
    md5: str | None
    claimed: str | None

    def same(self, body: BufferedIOBase, size: int, sha256: str) -> bool | None:
        """Return whether it holds the `size` bytes of `body`; None where nothing but its size is known."""
        if self.size != size:
            return False
        if self.checksum is not None:
            own = _checksum_of_parts(body) if size > PART else ""
            return self.checksum.partition("-")[0] in (in_base64(sha256), own)
        if self.md5 is not None:
            return self.md5 == hashlib.file_digest(body, "md5").hexdigest()
        return None if self.claimed is None else self.claimed == sha256


class ObjectStore:
    """One bucket. Safe to use from several threads."""

    def __init__(self, bucket: str, *, endpoint: str | None, timeout: float, retries: int, ca_file: str | None) -> None:
        """Open no connection. Raise `CatalogueError` where boto3 is not installed or the address cannot be one."""
        self._bucket = bucket
        with _translated(bucket):
            self._client = _client(endpoint, timeout, retries, ca_file)

    def keys(self, prefix: str) -> Iterator[str]:
        """Yield the keys below `prefix`, in order."""
        with _translated(self._bucket):
            for page in self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix):
                yield from (found["Key"] for found in page.get("Contents", ()))

    def head(self, key: str) -> Stored | None:
        """Return what lies under `key`; None where nothing does."""
        with _translated(f"{self._bucket}/{key}"):
            try:
                found = self._client.head_object(Bucket=self._bucket, Key=key, ChecksumMode="ENABLED")
            except _client_error() as error:
                if _code(error) in _MISSING:
                    return None
                raise
        return Stored(
            size=found["ContentLength"],
            checksum=found.get("ChecksumSHA256"),
            md5=_md5(found),
            claimed=found.get("Metadata", {}).get(_SHA256),
        )

    def put(self, key: str, body: BufferedIOBase, size: int, sha256: str) -> bool:
        """Store `size` bytes under `key`; return False where something is there already.

        Raise `ContentError` where the bytes are not those of `sha256` (hex). It is computed here, too: not every server
        that speaks S3 checks it.
        """
        with _translated(f"{self._bucket}/{key}"):
            try:
                if size <= PART:
                    _hold(key, hashlib.file_digest(body, "sha256").hexdigest(), sha256)
                    body.seek(0)
                    self._client.put_object(
                        Bucket=self._bucket,
                        Key=key,
                        Body=body,
                        ContentLength=size,
                        ChecksumAlgorithm="SHA256",
                        ChecksumSHA256=in_base64(sha256),
                        Metadata={_SHA256: sha256},
                        IfNoneMatch="*",
                    )
                else:
                    self._in_parts(key, body, size, sha256)
            except _client_error() as error:
                if _code(error) in _TAKEN:
                    return False
                raise
        return True

    def _in_parts(self, key: str, body: BufferedIOBase, size: int, sha256: str) -> None:
        """Send an object in parts; parts that an earlier run brought over are not sent again."""
        upload, there = self._under_way(key)
        if upload is None:
            upload = self._client.create_multipart_upload(
                Bucket=self._bucket, Key=key, ChecksumAlgorithm="SHA256", Metadata={_SHA256: sha256}
            )["UploadId"]
        whole, parts = hashlib.sha256(), []
        for number, chunk in enumerate(_chunks(body, size), 1):
            whole.update(chunk)
            checksum = base64.b64encode(hashlib.sha256(chunk).digest()).decode()
            etag = there.get((number, len(chunk), hashlib.md5(chunk, usedforsecurity=False).hexdigest()))
            if etag is None:
                etag = self._client.upload_part(
                    Bucket=self._bucket,
                    Key=key,
                    PartNumber=number,
                    UploadId=upload,
                    Body=chunk,
                    ChecksumSHA256=checksum,
                )["ETag"]
            parts.append({"PartNumber": number, "ETag": etag, "ChecksumSHA256": checksum})
        try:
            _hold(key, whole.hexdigest(), sha256)
        except ContentError:
            self._client.abort_multipart_upload(Bucket=self._bucket, Key=key, UploadId=upload)
            raise
        self._client.complete_multipart_upload(
            Bucket=self._bucket, Key=key, UploadId=upload, MultipartUpload={"Parts": parts}, IfNoneMatch="*"
        )

    def _under_way(self, key: str) -> tuple[str | None, Mapping[tuple[int, int, str], str]]:
        """Return the newest upload of `key` that was cut off, and the ETags of its parts by number, size and MD5."""
        found = self._client.list_multipart_uploads(Bucket=self._bucket, Prefix=key).get("Uploads", ())
        own = [upload for upload in found if upload["Key"] == key]
        if not own:
            return None, {}
        upload = max(own, key=lambda one: one["Initiated"])["UploadId"]
        pages = self._client.get_paginator("list_parts").paginate(Bucket=self._bucket, Key=key, UploadId=upload)
        return upload, {
            (part["PartNumber"], part["Size"], part["ETag"].strip('"')): part["ETag"]
            for page in pages
            for part in page.get("Parts", ())
        }


def _hold(key: str, found: str, recorded: str) -> None:
    if found != recorded:
        raise ContentError(
            f"{key}: the held file changed: sha256 {found}, {recorded} was recorded", hint="fetch verify"
        )


def in_base64(sha256: str) -> str:
    """Return a hex SHA-256 as S3 writes it."""
    return base64.b64encode(bytes.fromhex(sha256)).decode()


def _checksum_of_parts(body: BufferedIOBase) -> str:
    digests = [hashlib.sha256(chunk).digest() for chunk in _chunks(body, os.fstat(body.fileno()).st_size)]
    return base64.b64encode(hashlib.sha256(b"".join(digests)).digest()).decode()


def _md5(found: Mapping[str, Any]) -> str | None:
    """Return the ETag where it is an MD5: an object in one piece that no key of KMS or of a customer encrypts."""
    etag = str(found.get("ETag", "")).strip('"')
    encrypted = str(found.get("ServerSideEncryption", "")).startswith("aws:kms") or "SSECustomerAlgorithm" in found
    return etag if _MD5(etag) and not encrypted else None


def _chunks(body: BufferedIOBase, size: int) -> Iterator[bytes]:
    step = max(PART, -(-size // _MOST_PARTS))
    while chunk := body.read(step):
        yield chunk


def _client(endpoint: str | None, timeout: float, retries: int, ca_file: str | None) -> Any:  # noqa: ANN401 - boto3 makes its classes at run time
    try:
        import boto3
        from botocore.config import Config
    except ImportError as error:
        raise CatalogueError("writing to a bucket needs boto3", hint="pip install 'fetch-imaging[push]'") from error
    config = Config(
        connect_timeout=timeout, read_timeout=timeout, retries={"total_max_attempts": retries + 1, "mode": "standard"}
    )
    # A session of its own: the default one remembers the first credentials that it found.
    return boto3.session.Session().client("s3", endpoint_url=endpoint, config=config, verify=ca_file)


def _client_error() -> type[Exception]:
    from botocore.exceptions import ClientError

    return ClientError  # type: ignore[no-any-return]  # botocore has no types


def _code(error: Any) -> str:  # noqa: ANN401 - a ClientError
    return str(error.response.get("Error", {}).get("Code", ""))


@contextmanager
def _translated(where: str) -> Iterator[None]:
    """Turn what boto3 raises into an error of ours that says what to do."""
    try:
        yield
    except FetchError:
        raise
    except Exception as error:
        raise _ours(error, where) from error


def _ours(error: Exception, where: str) -> FetchError:
    from botocore import exceptions as they

    what = f"s3://{where}: {error}"
    if isinstance(error, they.ClientError):
        return _refusal(_code(error), what)
    if isinstance(error, (they.NoCredentialsError, they.PartialCredentialsError, they.ProfileNotFound)):
        return AccessError(what, hint="set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
    if isinstance(error, (they.ParamValidationError, ValueError)):
        return CatalogueError(what, hint="an address looks like s3://BUCKET/PREFIX")
    return TransferError(what, hint=_AGAIN)


def _refusal(code: str, what: str) -> FetchError:
    if code in _REFUSED:
        return AccessError(what, hint="check AWS_PROFILE or AWS_ACCESS_KEY_ID, and what it may do with this bucket")
    if code == "NoSuchBucket":
        return CatalogueError(what, hint="make the bucket first, or check its name")
    if "Checksum" in code or code in ("BadDigest", "InvalidDigest"):
        return ContentError(what, hint="the bytes changed on the way: type the same command again")
    return TransferError(what, hint=_AGAIN)
