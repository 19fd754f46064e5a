"""Blobs as a client without an SDK has them; run as `sluice azure --ephemeral -- python3 blobs.py`. Each status is asserted."""
import base64, hashlib, hmac, os, sys, time, urllib.parse
from email.utils import formatdate

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from cloud import E, GROUPS, arm, bearer, call

ACCOUNT = E["AZURE_STORAGE_ACCOUNT"]
HOST = ACCOUNT + ".blob.core.windows.net"
STORAGE = {**bearer("https://storage.azure.com"), "x-ms-version": "2026-02-06"}
BLOCK = {"x-ms-blob-type": "BlockBlob"}


def blob(method, path, status, body=None, code=None, auth=STORAGE, **fields):
    fields = {name.replace("_", "-"): value for name, value in fields.items()}
    got, document, headers = call(HOST, method, path, body, {**auth, **fields})
    assert got == status, (method, path, got, document)
    assert code is None or headers["x-ms-error-code"] == code, (method, path, dict(headers))
    return document, headers


def containers():
    blob("PUT", "/one?restype=container", 201, x_ms_meta_a="b")
    blob("PUT", "/one?restype=container", 409, code="ContainerAlreadyExists")
    blob("PUT", "/ON?restype=container", 400)
    assert blob("GET", "/one?restype=container", 200)[1]["x-ms-meta-a"] == "b"
    blob("HEAD", "/none?restype=container", 404, code="ContainerNotFound")
    assert b"<Name>one</Name>" in blob("GET", "/?comp=list", 200)[0]
    lease = blob("PUT", "/one?restype=container&comp=lease", 201, x_ms_lease_action="acquire", x_ms_lease_duration="-1")[1]["x-ms-lease-id"]
    blob("DELETE", "/one?restype=container", 412, code="LeaseIdMissing")
    blob("DELETE", "/one?restype=container", 202, x_ms_lease_id=lease)
    blob("GET", "/one?restype=container", 404, code="ContainerNotFound")


def whole_blobs():
    blob("PUT", "/two?restype=container", 201)
    data = os.urandom(300_000)
    tag = blob("PUT", "/two/a/b", 201, data, **BLOCK, Content_Type="text/plain", x_ms_meta_k="v")[1]["ETag"]
    document, headers = blob("GET", "/two/a/b", 200)
    assert document == data and headers["ETag"] == tag and headers["Content-Type"] == "text/plain" and headers["x-ms-meta-k"] == "v"
    assert headers["Content-MD5"] == base64.b64encode(hashlib.md5(data).digest()).decode()
    document, headers = blob("GET", "/two/a/b", 206, x_ms_range="bytes=10-19", x_ms_range_get_content_md5="true")
    assert document == data[10:20] and headers["Content-Range"] == "bytes 10-19/300000"
    assert headers["Content-MD5"] == base64.b64encode(hashlib.md5(data[10:20]).digest()).decode()
    assert blob("GET", "/two/a/b", 206, Range="bytes=299990-")[0] == data[-10:]
    blob("GET", "/two/a/b", 416, x_ms_range="bytes=300000-", code="InvalidRange")
    headers = blob("HEAD", "/two/a/b", 200)[1]
    assert headers["Content-Length"] == "300000" and headers["x-ms-blob-type"] == "BlockBlob"
    blob("GET", "/two/a/b", 304, If_None_Match=tag)
    blob("PUT", "/two/a/b", 409, b"x", **BLOCK, If_None_Match="*", code="BlobAlreadyExists")
    blob("PUT", "/two/a/b", 412, b"x", **BLOCK, If_Match='"other"', code="ConditionNotMet")
    blob("PUT", "/two/a/b", 400, b"x", **BLOCK, Content_MD5=base64.b64encode(bytes(16)).decode(), code="Md5Mismatch")
    assert blob("GET", "/two/a/b", 200)[0] == data
    blob("PUT", "/two/empty", 201, b"", **BLOCK)
    assert blob("GET", "/two/empty", 200)[1]["Content-Length"] == "0"
    blob("HEAD", "/two/none", 404, code="BlobNotFound")
    blob("PUT", "/none/x", 404, b"x", **BLOCK, code="ContainerNotFound")
    blob("PUT", "/two/page", 501, b"", x_ms_blob_type="PageBlob", x_ms_blob_content_length="512", code="NotImplemented")
    listing = blob("GET", "/two?restype=container&comp=list&delimiter=/", 200)[0]
    assert b"<BlobPrefix><Name>a/</Name>" in listing and b"<Name>empty</Name>" in listing
    assert b"<Name>a/b</Name>" in blob("GET", "/two?restype=container&comp=list&prefix=a/", 200)[0]
    blob("PUT", "/two/a/b?comp=metadata", 200, x_ms_meta_new="1")
    headers = blob("HEAD", "/two/a/b", 200)[1]
    assert headers["x-ms-meta-new"] == "1" and headers["x-ms-meta-k"] is None and headers["ETag"] != tag


def blocks():
    ids = [base64.b64encode(f"{number:06}".encode()).decode() for number in range(3)]
    parts = [os.urandom(100_000) for _ in ids]
    for name, part in zip(ids, parts):
        blob("PUT", f"/two/blocks?comp=block&blockid={urllib.parse.quote(name)}", 201, part)
    assert blob("GET", "/two/blocks?comp=blocklist&blocklisttype=all", 200)[0].count(b"<Size>100000</Size>") == 3
    blob("GET", "/two/blocks", 404)
    names = "".join(f"<Latest>{name}</Latest>" for name in ids)
    blob("PUT", "/two/blocks?comp=blocklist", 201, f"<BlockList>{names}</BlockList>")
    assert blob("GET", "/two/blocks", 200)[0] == b"".join(parts)
    blob("PUT", "/two/blocks?comp=blocklist", 201, f"<BlockList><Committed>{ids[1]}</Committed></BlockList>")
    assert blob("GET", "/two/blocks", 200)[0] == parts[1]
    blob("PUT", "/two/blocks?comp=blocklist", 400, f"<BlockList><Latest>{ids[0]}</Latest></BlockList>", code="InvalidBlockList")
    assert blob("GET", "/two/blocks", 200)[0] == parts[1]


def leases_and_snapshots():
    blob("PUT", "/two/l", 201, b"first", **BLOCK)
    lease = blob("PUT", "/two/l?comp=lease", 201, x_ms_lease_action="acquire", x_ms_lease_duration="15")[1]["x-ms-lease-id"]
    blob("PUT", "/two/l", 412, b"x", **BLOCK, code="LeaseIdMissing")
    blob("PUT", "/two/l", 412, b"x", **BLOCK, x_ms_lease_id="00000000-0000-0000-0000-000000000001", code="LeaseIdMismatchWithBlobOperation")
    blob("PUT", "/two/l", 201, b"second", **BLOCK, x_ms_lease_id=lease)
    blob("PUT", "/two/l?comp=lease", 200, x_ms_lease_action="release", x_ms_lease_id=lease)
    snapshot = blob("PUT", "/two/l?comp=snapshot", 201)[1]["x-ms-snapshot"]
    blob("PUT", "/two/l", 201, b"third", **BLOCK)
    assert blob("GET", f"/two/l?snapshot={urllib.parse.quote(snapshot)}", 200)[0] == b"second"
    blob("DELETE", "/two/l", 409, code="SnapshotsPresent")
    blob("DELETE", "/two/l", 202, x_ms_delete_snapshots="include")
    blob("GET", f"/two/l?snapshot={urllib.parse.quote(snapshot)}", 404)


def copies():
    source = f"https://{HOST}/two/a/b"
    headers = blob("PUT", "/two/copy", 202, x_ms_copy_source=source)[1]
    assert headers["x-ms-copy-status"] == "success"
    assert blob("GET", "/two/copy", 200)[0] == blob("GET", "/two/a/b", 200)[0]
    blob("PUT", "/two/copy", 404, x_ms_copy_source=f"https://{HOST}/two/none")


def shared_key(method, path, key, date, fields):
    split = urllib.parse.urlsplit(path)
    names = sorted(name for name in fields if name.startswith("x-ms-"))
    resource = f"/{ACCOUNT}{split.path}" + "".join(f"\n{name}:{value}" for name, value in sorted(urllib.parse.parse_qsl(split.query)))
    text = "\n".join([method] + [""] * 11 + [f"{name}:{fields[name]}" for name in names] + [resource])
    mac = hmac.new(base64.b64decode(key), text.encode(), hashlib.sha256).digest()
    return {**fields, "Authorization": f"SharedKey {ACCOUNT}:{base64.b64encode(mac).decode()}"}


def credentials():
    place = f"{GROUPS}/rg-sluice/providers/Microsoft.Storage/storageAccounts/{ACCOUNT}"
    key = arm("POST", f"{place}/listKeys", 200)["keys"][0]["value"]
    date = formatdate(usegmt=True)
    fields = {"x-ms-date": date, "x-ms-version": "2026-02-06"}
    blob("GET", "/two/a/b", 200, auth=shared_key("GET", "/two/a/b", key, date, fields))
    blob("GET", "/two/a/b", 403, code="AuthenticationFailed", auth=shared_key("GET", "/two/empty", key, date, fields))
    old = {**fields, "x-ms-date": formatdate(time.time() - 3600, usegmt=True)}
    blob("GET", "/two/a/b", 403, code="AuthenticationFailed", auth=shared_key("GET", "/two/a/b", key, date, old))
    blob("GET", "/two/a/b", 401, code="NoAuthenticationInformation", auth={})
    arm("POST", f"{place}/regenerateKey", 200, {"keyName": "key1"})
    blob("GET", "/two/a/b", 403, code="AuthenticationFailed", auth=shared_key("GET", "/two/a/b", key, date, fields))
    blob("GET", "/two/a/b", 403, auth={"Authorization": "Bearer " + "x" * 20, "x-ms-version": "2026-02-06"})
    blob("GET", "/two/a/b", 403, auth={**bearer("https://vault.azure.net"), "x-ms-version": "2026-02-06"})


if __name__ == "__main__":
    for check in (containers, whole_blobs, blocks, leases_and_snapshots, copies, credentials):
        check()
    print("ok")
