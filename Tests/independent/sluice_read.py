"""Reads a Sluice store with nothing but its directory and RSA private keys.

Written from FORMAT.md alone, to show that the page is enough; its sections are
cited. The anchor of section 8, step 1 isn't checked: without the vault, there
is nothing to compare a scope key's commitment with but the scope's own row. So
this reader takes a whole scope that an attacker made, with a scope key of his
own, wrapped under the public key. All that is below a scope key it does check.
"""

import argparse
import hashlib
import hmac
import json
import re
import sqlite3
import struct
import sys
import textwrap
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import lz4.block
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

Row = dict[str, Any]
OAEP = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
GCM_TAG, ENTRY, PAGE = 16, 12, 1024  # two in bytes, and the entries of a page
WIDTHS = {"store_id": 16, "scope_id": 16, "tag": 16, "directory": 16, "parent": 16,
          "object_id": 16, "file": 16, "revision": 32, "commitment": 32, "code": 32,
          "table_digest": 32, "wrapped": 256}
TYPES = {**dict.fromkeys(["identifier", "name", "key_setting"], str),
         **dict.fromkeys([*WIDTHS, "document"], bytes)}
SCOPES = "SELECT s.*, k.identifier FROM scopes s LEFT JOIN keys k ON k.id = s.key"
OBJECTS = """SELECT o.*, w.scheme, w.key, w.wrapped, k.identifier, b.file FROM objects o
    LEFT JOIN wrapped_keys w ON w.id = o.wrapped_key LEFT JOIN keys k ON k.id = w.key
    LEFT JOIN blobs b ON b.id = o.blob WHERE o.scope = ?"""


class Refused(Exception):
    """The store is damaged or forged, or what was asked for isn't there."""


# A number of a row that doesn't fit its field is a struct.error.
FAULTS = (Refused, OSError, sqlite3.Error, struct.error, ValueError)

def require(condition: bool, reason: str) -> None:
    if not condition:
        raise Refused(reason)


def counted(value: bytes | str) -> bytes:
    value = value.encode() if isinstance(value, str) else value
    return struct.pack(">H", len(value)) + value


def mac(key: bytes, message: bytes) -> bytes:
    return hmac.digest(key, message, "sha256")


def same(a: bytes, b: bytes, what: str) -> None:
    require(hmac.compare_digest(a, b), f"{what} doesn't match")


def unseal(key: bytes, iv: bytes, sealed: bytes, data: bytes, what: str) -> bytes:
    try:
        require(len(sealed) >= GCM_TAG, f"{what} is cut short")
        return AESGCM(key).decrypt(iv, sealed, data)
    except InvalidTag:
        raise Refused(f"{what} doesn't open") from None


def directory_of(name: str) -> str:
    return name[:name.rfind("/") + 1]


class Fields:
    """Takes one field of a document after another (section 7)."""

    def __init__(self, document: bytes) -> None:
        self.rest = document
        require(self.number(">B") == 1, "the document has an unknown version")

    def take(self, length: int) -> bytes:
        require(len(self.rest) >= length, "the document has bytes missing")
        value, self.rest = self.rest[:length], self.rest[length:]
        return value

    def number(self, layout: str) -> int:
        return struct.unpack(layout, self.take(struct.calcsize(layout)))[0]

    def text(self, most: int) -> str:
        value = self.take(self.number(">H"))
        require(len(value) <= most, "a field of the document is too long")
        try:
            return value.decode()
        except UnicodeDecodeError:
            raise Refused("a field of the document isn't UTF-8") from None

    def end(self) -> None:
        require(not self.rest, "the document has bytes left over")


class Store:
    def __init__(self, path: Path, keys: dict[str, Any], note: Callable[[str, Any], None]) -> None:
        self.path, self.keys, self.note = path, keys, note
        # Not `immutable=1`: that ignores the WAL, and with it what was put last.
        uri = (path / "catalog.db").resolve().as_uri() + "?mode=ro"
        self.db = sqlite3.connect(uri, uri=True, isolation_level=None)
        self.db.row_factory = sqlite3.Row
        self.db.execute("BEGIN")  # all that follows sees one state of the catalog
        require(self.pragma("application_id") == 0x534C5543, "catalog.db isn't a catalog")
        require(self.pragma("user_version") <= 1, "the store is newer than this reader")
        (row,) = self.rows("SELECT * FROM store")
        require(self.pragma("user_version") == row["format"] == 1, "the format is unknown")
        self.id = row["store_id"]
        note("store_id", self.id)

    def pragma(self, name: str) -> Any:
        return self.db.execute(f"PRAGMA {name}").fetchone()[0]

    def rows(self, query: str, *arguments: Any) -> list[Row]:
        """The rows, if each column has the type and width that section 3 gives it."""
        rows = [dict(row) for row in self.db.execute(query, arguments)]
        for row in rows:
            for name, value in row.items():
                if value is None and name in ("table_digest", "file"):
                    continue
                good = isinstance(value, TYPES.get(name, int))
                if good and name in WIDTHS:
                    good = len(value) == WIDTHS[name]
                require(good, f"the column {name} of row {row.get('id')} is damaged")
        return rows

    def derive(self, row: Row, what: str, extra: bytes, salt: bytes, info: bytes,
               names: list[str]) -> list[bytes]:
        """Unwraps a row's key and derives what section 4 names, 32 bytes each."""
        require(row["scheme"] == 1, f"the {what} is wrapped in an unknown way")
        require(row["identifier"] in self.keys, f"there is no --key {row['identifier']}")
        try:
            secret = self.keys[row["identifier"]].decrypt(row["wrapped"], OAEP)
            require(len(secret) == 32, f"the {what} isn't 32 bytes")
        except ValueError:
            raise Refused(f"the {what} doesn't unwrap") from None
        length = 32 * len(names)
        derived = HKDF(hashes.SHA256(), length, salt, info).derive(secret + extra)
        parts = [derived[i:i + 32] for i in range(0, length, 32)]
        labels = ["key identifier", "wrapped", what, "salt", "info", *names]
        values = [row["identifier"], row["wrapped"], secret, salt, info, *parts]
        for label, value in zip(labels, values):
            self.note(label, value)
        same(parts[names.index("commitment")], row["commitment"], f"the {what}'s commitment")
        return parts

    def scopes(self, name: str | None = None) -> list["Scope"]:
        rows = self.rows(f"{SCOPES} WHERE s.name = ifnull(?, s.name) ORDER BY s.name", name)
        require(bool(rows) or name is None, f"there is no scope {name}")
        return [Scope(self, row) for row in rows]


class Scope:
    def __init__(self, store: Store, row: Row) -> None:
        self.store, self.note, self.row_id, self.name = store, store.note, row["id"], row["name"]
        self.place = store.id + row["scope_id"]
        self.note("# section 4, scope", self.name)
        self.note("scope_id", row["scope_id"])
        _, self.object_root, self.document_root, self.tag_key, record_key = store.derive(
            row, "scope key", b"", self.place, b"sluice/1 scope",
            ["commitment", "object root", "document root", "tag key", "record key"])
        message = (counted("sluice/1 scope row") + self.place + counted(row["name"])
                   + counted(row["key_setting"]) + bytes([row["scheme"]])
                   + counted(row["identifier"]) + counted(row["wrapped"]) + row["commitment"]
                   + struct.pack(">q", row["created"]))
        self.note("M", message)
        self.note("code", mac(record_key, message))
        same(mac(record_key, message), row["code"], "the scope row's code")

    def tag(self, kind: int, name: str) -> bytes:
        return mac(self.tag_key, bytes([kind]) + name.encode())[:16]

    def document(self, row: Row, data: bytes) -> Fields:
        key = mac(self.document_root, b"sluice/1 document" + row["revision"])
        self.note("revision", row["revision"])
        self.note("document key", key)
        self.note("document's associated data", data)
        self.note("document, sealed", row["document"])
        document = unseal(key, bytes(12), row["document"], data, "the document")
        self.note("document", document)
        return Fields(document)

    def objects(self, name: str | None = None) -> list[Row]:
        if name is None:
            return self.store.rows(OBJECTS, self.row_id)
        return self.store.rows(f"{OBJECTS} AND o.tag = ?", self.row_id, self.tag(1, name))

    def get(self, name: str) -> "Object":
        rows = self.objects(name)
        require(bool(rows), f"there is no object {name}")
        return Object(self, rows[0], name)

    def directory(self, row: Row) -> str:
        fields = self.document(row, counted("sluice/1 directory row") + self.place + row["tag"]
                               + row["parent"] + row["revision"])
        name = fields.text(1024)
        fields.end()
        require(name.endswith("/") and row["tag"] == self.tag(2, name)
                and row["parent"] == self.tag(2, directory_of(name[:-1])),
                f"the document holds another directory: {name}")
        return name


class Object:
    def __init__(self, scope: Scope, row: Row, expected: str | None = None) -> None:
        self.scope, self.note, self.row = scope, scope.note, row
        self.size, self.stored = row["byte_count"], row["stored_byte_count"]
        self.note("# section 7, object in row", row["id"])
        self.info = struct.pack("4B", 1, 1, row["chunk_exponent"], row["codec"])
        data = (counted("sluice/1 object row") + scope.place + row["tag"] + row["directory"]
                + row["object_id"] + row["revision"] + struct.pack(">QQ", self.size, self.stored)
                + struct.pack("3B", row["chunk_exponent"], row["codec"], 1) + row["commitment"]
                + counted(row["table_digest"] or b"") + struct.pack("B", row["scheme"])
                + counted(row["identifier"]) + counted(row["wrapped"]))
        fields = scope.document(row, data)
        self.name, self.content_type = fields.text(1024), fields.text(256)
        self.modified = fields.number(">q")
        pairs = [(fields.text(8192), fields.text(8192)) for _ in range(fields.number(">H"))]
        fields.end()
        keys = [key.encode() for key, _ in pairs]
        require(all(a < b for a, b in zip(keys, keys[1:])), "metadata is out of order")
        self.metadata = dict(pairs)
        self.directory = directory_of(self.name)
        self.note("tag", scope.tag(1, self.name))
        self.note("directory's tag", scope.tag(2, self.directory))
        require(expected in (None, self.name) and row["tag"] == scope.tag(1, self.name)
                and row["directory"] == scope.tag(2, self.directory)
                and self.name != "" and "\0" not in self.name, "the document holds another name")
        require(12 <= row["chunk_exponent"] <= 24, "the chunk size is impossible")
        require(row["codec"] in (0, 1), "the codec is unknown")
        require((row["table_digest"] is None) == (row["codec"] == 0), "the table's digest is amiss")
        self.chunk_size = 1 << row["chunk_exponent"]
        self.chunks = max(1, -(-self.size // self.chunk_size))
        self.pages = -(-self.chunks // PAGE)
        self.table_length = row["codec"] * (ENTRY * self.chunks + GCM_TAG * self.pages)
        self.table_offset = self.stored - self.table_length
        require(row["codec"] == 1 or self.stored == self.size + GCM_TAG * self.chunks,
                "the two sizes contradict each other")
        require(self.table_offset >= 0, "the blob is too short for its table")
        self.page, self.entries = -1, b""

    def open(self) -> Any:
        """Derives the object's keys, and opens its blob: a file, or an SQLite blob."""
        self.note("# section 4, object_id", self.row["object_id"])
        self.chunk_key, self.table_key, _ = self.scope.store.derive(
            self.row, "data key", self.scope.object_root, self.row["object_id"],
            b"sluice/1 object" + self.info, ["chunk key", "table key", "commitment"])
        if self.row["file"] is None:
            blob = self.scope.store.db.blobopen("blobs", "data", self.row["blob"], readonly=True)
        else:
            name = self.row["file"].hex()
            blob = (self.scope.store.path / "blobs" / name[:2] / name).open("rb")
        blob.seek(0, 2)
        require(blob.tell() == self.stored, "the blob has another length than its row says")
        return blob

    def sealed(self, blob: Any, what: str, iv: bytes, offset: int, length: int) -> bytes:
        blob.seek(offset)
        sealed = blob.read(length)
        self.note(f"{what}, offset", offset)
        self.note(f"{what}, nonce", iv)
        self.note(f"{what}, sealed", sealed)
        return sealed

    def entry(self, blob: Any, index: int, length: int) -> tuple[int, int, bool]:
        """A chunk's offset and sealed length, and whether it is an LZ4 block (section 6)."""
        if self.row["codec"] == 0:
            return index * (self.chunk_size + GCM_TAG), length + GCM_TAG, False
        page, what = index // PAGE, f"page {index // PAGE}"
        if self.page != page:
            iv = struct.pack(">3xQB", page, page == self.pages - 1)
            count = min(PAGE, self.chunks - page * PAGE)
            sealed = self.sealed(blob, what, iv, self.table_offset + page * (
                ENTRY * PAGE + GCM_TAG), ENTRY * count + GCM_TAG)
            self.page, self.entries = page, unseal(self.table_key, iv, sealed, b"", what)
            self.note(f"{what}, entries", self.entries)
        offset, word = struct.unpack_from(">QL", self.entries, index % PAGE * ENTRY)
        packed, size = word >> 31 == 1, word & 0x7FFFFFFF
        require(GCM_TAG < size < GCM_TAG + length if packed else size == GCM_TAG + length,
                f"the table has an impossible length for chunk {index}")
        require(offset + size <= self.table_offset, f"the table puts chunk {index} elsewhere")
        return offset, size, packed

    def chunk(self, blob: Any, index: int) -> tuple[bytes, int, int]:
        """A chunk's plaintext, and where it lies (section 5)."""
        what = f"chunk {index}"
        length = min(self.chunk_size, self.size - index * self.chunk_size)
        offset, size, packed = self.entry(blob, index, length)
        iv = struct.pack(">3xQB", index, (index == self.chunks - 1) + 2 * packed)
        sealed = self.sealed(blob, what, iv, offset, size)
        plaintext = unseal(self.chunk_key, iv, sealed, b"", what)
        if packed:
            self.note(f"{what}, LZ4 block", plaintext)
            try:
                plaintext = lz4.block.decompress(plaintext, uncompressed_size=length)
            except lz4.block.LZ4BlockError:
                raise Refused(f"{what} doesn't decompress") from None
        require(len(plaintext) == length, f"{what} decompresses to another length")
        self.note(f"{what}, plaintext", plaintext)
        return plaintext, offset, size

    def read(self, start: int, end: int) -> Iterator[bytes]:
        """The bytes [start..end), by the chunks that they need; at least one is opened."""
        with self.open() as blob:
            self.note("# sections 5 and 6, chunks", self.chunks)
            for index in range(start // self.chunk_size, max(start, end - 1) // self.chunk_size + 1):
                base = index * self.chunk_size
                yield self.chunk(blob, index)[0][max(0, start - base):end - base]

    def verify(self) -> None:
        with self.open() as blob:
            blob.seek(self.table_offset)
            digest = hashlib.sha256(blob.read(self.table_length)).digest()
            require(self.row["table_digest"] in (None, digest), "the table's digest doesn't match")
            places = sorted(self.chunk(blob, index)[1:] for index in range(self.chunks))
        ends = [0] + [offset + size for offset, size in places]
        require(ends == [offset for offset, _ in places] + [self.table_offset],
                "the chunks overlap or leave gaps")


def verify(store: Store) -> list[str]:
    """Whatever is wrong with a store, a line each."""
    faults: list[str] = []

    def attempt(what: str, action: Callable[[], Any]) -> Any:
        try:
            return action()
        except FAULTS as error:
            faults.append(f"{what}: {error}")

    attempt("catalog.db", lambda: require(store.pragma("integrity_check") == "ok", "is corrupt"))
    keys, blobs, census, total = Counter(), Counter(), Counter(), 0
    for scope in attempt("scopes", store.scopes) or []:
        held, found = set(), set()
        for row in attempt(scope.name, scope.objects) or []:
            if item := attempt(f"{scope.name}, object row {row['id']}", lambda: Object(scope, row)):
                attempt(f"{scope.name}, object {item.name}", item.verify)
                held.update(item.name[:i + 1] for i, c in enumerate(item.name) if c == "/")
            total += 1
            keys[row["wrapped_key"]] += 1
            blobs[row["blob"]] += 1
            census[scope.row_id, row["key"], "objects"] += 1
            census[scope.row_id, row["key"], "bytes"] += row["byte_count"]
        for row in store.rows("SELECT * FROM directories WHERE scope = ?", scope.row_id):
            what = f"{scope.name}, directory row {row['id']}"
            found.add(attempt(what, lambda: scope.directory(row)))
        faults += [f"{scope.name}, directory {name}: is missing, or empty" for name in held ^ found]
    for table, refs in (("wrapped_keys", keys), ("blobs", blobs)):
        for row in store.rows(f"SELECT id, refs FROM {table}"):
            if row["refs"] != refs[row["id"]]:
                faults.append(f"{table} row {row['id']}: refs is wrong")
    counts = Counter({(row["scope"], row["key"], unit): row[unit]
                      for row in store.rows("SELECT * FROM census") for unit in ("objects", "bytes")})
    if counts != census:  # counters are equal if they differ in zeroes only
        faults.append("census: is wrong")
    if total != store.db.execute("SELECT count(*) FROM objects").fetchone()[0]:
        faults.append("objects: some are in no scope")
    return faults


def explain(label: str, value: Any) -> None:
    """Prints a value of the worked example: bytes in hex, at most the first KiB."""
    if label.startswith("#"):
        print()
    if not isinstance(value, bytes):
        print(f"{label}: {value}")
        return
    print(f"{label} ({len(value)} bytes){'' if len(value) <= 1024 else ', the first 1024'}:")
    for line in textwrap.wrap(value[:1024].hex(), 64):
        print("   ", line)


def span(text: str, size: int) -> tuple[int, int]:
    """A-B, both included; A- to the end; -N for the last N; as [start..end)."""
    match = re.fullmatch(r"(\d*)-(\d*)", text)
    require(match is not None and text != "-", f"{text} isn't a range")
    first, last = match.groups()
    if not first:
        return max(0, size - int(last)), size
    start, end = int(first), min(size, int(last) + 1 if last else size)
    require(start < size and start < end, f"there are no bytes {text} in {size}")
    return start, end


def run(arguments: argparse.Namespace) -> int:
    keys = {}
    for option in arguments.key:
        identifier, _, file = option.partition("=")
        keys[identifier] = serialization.load_pem_private_key(Path(file).read_bytes(), None)
    if arguments.command == "explain":
        print("```")
    note = explain if arguments.command == "explain" else lambda label, value: None
    store = Store(arguments.store, keys, note)
    if arguments.command == "verify":
        faults = verify(store)
        for fault in faults:
            print(f"sluice_read: {fault}", file=sys.stderr)
        return 1 if faults else 0
    if arguments.command == "list":
        for scope in store.scopes():
            items = [Object(scope, row) for row in scope.objects()]
            for item in sorted(items, key=lambda item: item.name.encode()):
                print(json.dumps({"scope": scope.name, "name": item.name, "size": item.size,
                                  "contentType": item.content_type, "modified": item.modified,
                                  "metadata": item.metadata}, ensure_ascii=False))
        return 0
    item = store.scopes(arguments.scope)[0].get(arguments.name)
    if arguments.command == "get":
        for part in item.read(*span(arguments.range or "0-", item.size or 1)):
            sys.stdout.buffer.write(part)
    else:
        for _ in item.read(0, item.size):
            pass
        print("```")
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(description="Reads a Sluice store.")
    parser.add_argument("store", type=Path)
    parser.add_argument("--key", action="append", default=[], metavar="IDENTIFIER=FILE.pem")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="names, sizes and metadata as JSON lines")
    commands.add_parser("verify", help="read and check everything")
    for name, text in (("get", "write an object to standard output"),
                       ("explain", "print all that is derived on the way to an object")):
        command = commands.add_parser(name, help=text)
        command.add_argument("name")
        command.add_argument("--scope", default="default")
    commands.choices["get"].add_argument("--range", metavar="A-B", help="both included")
    try:
        return run(parser.parse_args())
    except FAULTS as error:
        print(f"sluice_read: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
