"""Reads a Sluice store with nothing but its directory and RSA private keys.

Written from FORMAT.md alone, to show that the page is enough; sections are its.
The anchor of section 9, step 1 isn't checked: without the vault, a scope key's
commitment can be compared with the scope's own row only. So this reader takes a
whole scope that an attacker made, with a scope key of his own, wrapped under
the public key. Everything below a scope key it does check.

It takes no lock: a blob that a writer removes meanwhile is reported as missing.
"""

import argparse
import hashlib
import hmac
import io
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
GCM_TAG, ENTRY, PAGE = 16, 12, 1024  # the last in entries, the others in bytes
WIDTHS = {"store_id": 16, "scope_id": 16, "tag": 16, "directory": 16, "parent": 16,
          "object_id": 16, "file": 16, "revision": 32, "commitment": 32, "code": 32,
          "entity_tag": 16, "table_digest": 32, "wrapped": 256, "pin_id": 16, "keys": 80,
          "part": 16}
TYPES = {**dict.fromkeys(["identifier", "name", "key_setting", "identity"], str),
         **dict.fromkeys([*WIDTHS, "document", "metadata", "data"], bytes)}
OPTIONAL = {"encryption", "table_digest", "file", "blob", "metadata", "due", "data"}
TEXTS = {1: "contentType", 2: "contentEncoding", 3: "contentLanguage", 4: "contentDisposition",
         5: "cacheControl"}
KINDS = {1: "regular", 2: "directory", 3: "symbolicLink"}
TIERS = {1: "hot", 2: "cool", 3: "cold", 4: "archive"}
PINS = "sluice-pins"
EXTENT, EXTENTS, ZEROS = 187, 256, 255
SCOPES = """SELECT s.*, k.identifier FROM scopes s LEFT JOIN keys k ON k.id = s.key
    WHERE s.name = ifnull(?, s.name) ORDER BY s.name"""
SCOPE = """SELECT s.*, k.identifier FROM scopes s LEFT JOIN keys k ON k.id = s.key
    WHERE s.id = ?"""
OBJECTS = """SELECT o.*, w.scheme, w.key, w.wrapped, k.identifier, b.file FROM objects o
    LEFT JOIN wrapped_keys w ON w.id = o.wrapped_key LEFT JOIN keys k ON k.id = w.key
    LEFT JOIN blobs b ON b.id = o.blob WHERE o.scope = ? AND o.tag = ifnull(?, o.tag)"""
PARTS = """SELECT p.*, b.file FROM parts p LEFT JOIN blobs b ON b.id = p.blob
    WHERE p.scope = ?"""
NAMED = "SELECT b.file FROM extents e LEFT JOIN blobs b ON b.id = e.blob WHERE e.manifest = ?"
PINNED = """SELECT p.*, b.file FROM pins p LEFT JOIN blobs b ON b.id = p.blob
    WHERE p.pin_id = ifnull(?, p.pin_id) ORDER BY p.id"""


class Refused(Exception):
    """The store is damaged or forged, or what was asked for isn't there."""


FAULTS = (Refused, OSError, sqlite3.Error, struct.error, ValueError)


def require(condition: bool, reason: str) -> None:
    if not condition:
        raise Refused(reason)


def counted(value: bytes | str) -> bytes:
    value = value.encode() if isinstance(value, str) else value
    return struct.pack(">H", len(value)) + value


def mac(key: bytes, message: bytes) -> bytes:
    return hmac.digest(key, message, "sha256")


def unseal(key: bytes, iv: bytes, sealed: bytes, data: bytes, what: str) -> bytes:
    require(len(sealed) >= GCM_TAG, f"{what} is cut short")
    try:
        return AESGCM(key).decrypt(iv, sealed, data)
    except InvalidTag:
        raise Refused(f"{what} doesn't open") from None


def directory_of(name: str) -> str:
    return name[:name.rfind("/") + 1]


class Fields:
    """Takes one field of a document after another (section 7)."""

    def __init__(self, document: bytes) -> None:
        self.rest = document
        require(self.number(">B") == 2, "the document has an unknown version")

    def take(self, length: int) -> bytes:
        require(len(self.rest) >= length, "the document has bytes missing")
        value, self.rest = self.rest[:length], self.rest[length:]
        return value

    def number(self, layout: str) -> int:
        return struct.unpack(layout, self.take(struct.calcsize(layout)))[0]

    def text(self, most: int) -> str:
        value = self.take(self.number(">H"))
        require(len(value) <= most, "a field of the document is too long")
        return value.decode()  # fails if it isn't UTF-8

    def pairs(self, most: int) -> dict[str, str]:
        """Names and values, of which names are not empty (section 7)."""
        pairs = [(self.text(most), self.text(most)) for _ in range(self.number(">H"))]
        names = [name.encode() for name, _ in pairs]
        require(all(a < b for a, b in zip(names, names[1:])), "names are out of order")
        require(b"" not in names, "a name is empty")
        require(bool(pairs), "there are no pairs where there are to be some")
        return dict(pairs)

    def end(self) -> None:
        require(not self.rest, "the document has bytes left over")


def file_note(fields: Fields) -> dict[str, Any]:
    """The note of the file that an object was put from (section 7)."""
    kind, flags, mode, owner, group, seconds, nanoseconds = struct.unpack(
        ">BBHIIqI", fields.take(24))
    require(kind in KINDS and flags <= 7, "the kind of a file is unknown")
    require(mode <= 0o7777 and nanoseconds < 10 ** 9, "a file's note is impossible")
    note = {"kind": KINDS[kind], "isSettled": flags & 1 == 1, "mode": mode, "owner": owner,
            "group": group, "modified": [seconds, nanoseconds]}
    if flags & 2:
        pairs = [(fields.take(fields.number(">H")), fields.take(fields.number(">H")))
                 for _ in range(fields.number(">H"))]
        names = [name for name, _ in pairs]
        require(names != [] and names == sorted(set(names)), "attributes are out of order")
        require(all(1 <= len(name) <= 255 and 0 not in name for name in names),
                "the name of an attribute is impossible")
        require(sum(map(len, sum(pairs, ()))) <= 16384, "the attributes are too long")
        note["attributes"] = {name.decode(errors="backslashreplace"): value.hex()
                              for name, value in pairs}
    if flags & 4:
        note["link"] = fields.take(16).hex()
    fields.end()
    return note



class Store:
    def __init__(self, path: Path, keys: Row, note: Callable[[str, Any], None],
                 provided: list[bytes]) -> None:
        self.path, self.keys, self.note = path, keys, note
        self.provided_keys = {hashlib.sha256(key).digest(): key for key in provided}
        # Not `immutable=1`: that ignores the WAL, and with it what was put last.
        uri = (path / "catalog.db").resolve().as_uri() + "?mode=ro"
        self.db = sqlite3.connect(uri, uri=True, isolation_level=None)
        self.db.row_factory = sqlite3.Row
        self.db.execute("BEGIN")  # so that all of this sees one state of the catalog
        require(self.pragma("application_id") == 0x534C5543, "catalog.db isn't a catalog")
        require(self.pragma("user_version") <= 2, "the store is newer than this reader")
        (row,) = self.rows("SELECT * FROM store")
        require(self.pragma("user_version") == row["format"] == 2, "the format is unknown")
        self.id = row["store_id"]
        self.others: dict[int, Scope] = {}
        note("store_id", self.id)

    def pragma(self, name: str) -> Any:
        return self.db.execute(f"PRAGMA {name}").fetchone()[0]

    def rows(self, query: str, *arguments: Any) -> list[Row]:
        """The rows, if each column has the type and width that section 3 gives it."""
        rows = [dict(row) for row in self.db.execute(query, arguments)]
        for name, value, scheme in ((*column, row.get("scheme"))
                                    for row in rows for column in row.items()):
            if value is not None or name not in OPTIONAL:
                good = isinstance(value, TYPES.get(name, int))
                more = 80 if name == "wrapped" and scheme == 2 else 0
                good = good and len(value) == WIDTHS[name] + more if name in WIDTHS else good
                require(good, f"a column {name} is damaged")
        return rows

    def derive(self, row: Row, what: str, root: bytes, salt: bytes, info: bytes,
               result: str, *names: str, scope: "Scope | None" = None) -> list[bytes]:
        """Unwraps a row's key and derives what section 4 names, 32 bytes each."""
        require(row["scheme"] in ((1,) if scope is None else (1, 2)),
                f"the {what} is wrapped in an unknown way")
        require(row["identifier"] in self.keys, f"there is no --key {row['identifier']}")
        try:
            wrapped = row["wrapped"][-256:]
            secret = self.keys[row["identifier"]].decrypt(wrapped, OAEP)
        except ValueError:
            raise Refused(f"the {what} doesn't unwrap") from None
        require(len(secret) == 32, f"the {what} isn't 32 bytes")
        if scope is not None and row["scheme"] == 2:
            secret = scope.data_key(row, secret)
            require(len(secret) == 32, f"the {what} isn't 32 bytes")
        derived = HKDF(hashes.SHA256(), 32 * len(names), salt, info).derive(secret + root)
        parts = [derived[i:i + 32] for i in range(0, len(derived), 32)]
        for label, value in (("key identifier", row["identifier"]), ("wrapped", row["wrapped"]),
                             (what, secret), ("HKDF's salt", salt), ("HKDF's info", info)):
            self.note(label, value)
        for i, (name, part) in enumerate(zip(names, parts)):
            self.note(f"{result} [{32 * i}..{32 * i + 32}), {name}", part)
            require(not name.endswith("commitment")
                    or hmac.compare_digest(part, row["commitment"]), f"the {name} doesn't match")
        return parts

    def provided(self, digest: bytes) -> bytes:
        """The provided key that a document asks for (section 4); empty if it asks for none."""
        require(not digest or digest in self.provided_keys, "the provided key isn't here")
        return self.provided_keys[digest] if digest else b""

    def scopes(self, name: str | None = None) -> list["Scope"]:
        rows = self.rows(SCOPES, name)
        require(bool(rows) or name is None, f"there is no scope {name}")
        return [Scope(self, row) for row in rows]

    def encryption_scope(self, scope: "Scope", row: Row) -> "Scope":
        """The scope for which what a row of another scope, or of the same, has is sealed."""
        if row["encryption"] is None:
            return scope
        if row["encryption"] not in self.others:
            rows = self.rows(SCOPE, row["encryption"])
            require(bool(rows), "there is no such encryption scope")
            self.others[row["encryption"]] = Scope(self, rows[0])
        return self.others[row["encryption"]]


class Scope:
    def __init__(self, store: Store, row: Row) -> None:
        self.store, self.note, self.row_id, self.name = store, store.note, row["id"], row["name"]
        self.place = store.id + row["scope_id"]
        self.note("# section 4, scope", self.name)
        self.note("scope_id", row["scope_id"])
        _, self.object_root, self.document_root, self.tag_key, record_key = store.derive(
            row, "scope key K", b"", self.place, b"sluice/2 scope", "D",
            "scope-key commitment", "object root", "document root", "tag key", "record key")
        message = (counted("sluice/2 scope row") + self.place + counted(row["name"])
                   + counted(row["key_setting"]) + bytes([row["rewrap"]])
                   + struct.pack(">LBLB", row["poll"], row["versions"], row["retention"],
                                 row["data_keys"])
                   + counted(row["identity"]) + bytes([row["scheme"]])
                   + counted(row["identifier"]) + counted(row["wrapped"]) + row["commitment"]
                   + struct.pack(">q", row["created"]))
        code = mac(record_key, message)
        self.note("M", message)
        self.note("code", code)
        require(hmac.compare_digest(code, row["code"]), "the scope row's code doesn't match")

    def tag(self, kind: int, name: str) -> bytes:
        return mac(self.tag_key, bytes([kind]) + name.encode())[:16]

    def unseal(self, row: Row, column: str, name: str, data: bytes) -> bytes:
        """Opens what a row's column holds, under the key that its revision gives."""
        return self.opened(row["revision"], row[column], name, data, f"the row's {column}")

    def opened(self, salt: bytes, sealed: bytes, name: str, data: bytes, what: str) -> bytes:
        key = mac(self.document_root, f"sluice/2 {name}".encode() + salt)
        opened = unseal(key, bytes(12), sealed, data, what)
        for label, value in ((f"{name} key", key), (f"sealed {name}", sealed), (name, opened)):
            self.note(label, value)
        return opened

    def data_key(self, row: Row, intermediate: bytes) -> bytes:
        """A data key that is sealed under an intermediate key (section 4)."""
        salt, sealed = row["wrapped"][:32], row["wrapped"][32:80]
        data = counted("sluice/2 data key") + self.place + counted(row["identifier"])
        key = mac(self.document_root, b"sluice/2 data key" + salt + intermediate)
        return unseal(key, bytes(12), sealed, data, "the data key")

    def metadata(self, sealed: bytes | None) -> dict[str, str]:
        """An object's metadata: a salt, then what is sealed (section 7)."""
        if sealed is None:
            return {}
        data = counted("sluice/2 metadata row") + self.place
        self.note("metadata salt", sealed[:32])
        self.note("associated data of the metadata", data)
        return metadata(Fields(self.opened(sealed[:32], sealed[32:], "metadata", data,
                                           "the row's metadata")))

    def document(self, row: Row, data: bytes) -> Fields:
        self.note("revision", row["revision"])
        self.note("associated data", data)
        return Fields(self.unseal(row, "document", "document", data))

    def state(self, row: Row) -> None:
        """What holds an object (section 8)."""
        data = counted("sluice/2 state row") + self.place + row["tag"] + row["revision"]
        fields = Fields(self.unseal(row, "document", "state", data))
        flags = fields.number(">B")
        require(0 < flags < 32 and flags & 3 != 2 and flags & 12 != 8, "a state is impossible")
        if flags & 1:
            fields.take(20 + 8)
        if flags & 2:
            fields.number(">q")
        if flags & 4:
            fields.number(">q")
        fields.end()

    def rows(self, name: str | None = None) -> list[Row]:
        tag = None if name is None else self.tag(1, name)
        return self.store.rows(OBJECTS, self.row_id, tag)

    def directory(self, row: Row) -> str:
        fields = self.document(row, counted("sluice/2 directory row") + self.place + row["tag"]
                               + row["parent"] + row["revision"])
        name = fields.text(4096 + 4)
        fields.end()
        require(name.endswith("/") and row["tag"] == self.tag(2, name)
                and row["parent"] == self.tag(2, directory_of(name[:-1])),
                f"the document holds another directory, {name}")
        return name


def metadata(fields: Fields) -> dict[str, str]:
    pairs = fields.pairs(8192)
    fields.end()
    require(sum(len(part.encode()) for pair in pairs.items() for part in pair) <= 8192,
            "there is too much metadata")
    return pairs


class Sealed:
    """The bytes of an object or a pin (sections 5 and 6), and what its document says of them."""

    def __init__(self, scope: Scope, row: Row, label: str, place: bytes) -> None:
        self.scope, self.note, self.row = scope, scope.note, row
        self.size, self.stored = row["byte_count"], row["stored_byte_count"]
        self.binding = (
            counted(label) + scope.place + place + row["revision"]
            + struct.pack(">QQ", self.size, self.stored)
            + struct.pack("3B", row["chunk_exponent"], row["codec"], 1) + row["commitment"]
            + counted(row["table_digest"] or b""))
        self.metadata: dict[str, str] = {}

    def describe(self, fields: Fields) -> None:
        """Takes an object's document (section 7)."""
        self.name = fields.text(4096 + 21)
        self.created, self.modified = fields.number(">q"), fields.number(">q")
        self.properties: dict[str, Any] = {}
        last = 0
        for _ in range(fields.number(">B")):
            code, value = fields.number(">B"), fields.take(fields.number(">H"))
            require(code > last, "properties are out of order")
            last = code
            if code in TEXTS:
                require(1 <= len(value) <= 1024, "a property is too long, or empty")
                self.properties[TEXTS[code]] = value.decode()
            elif code == 6:
                require(len(value) == 16, "an MD5 isn't 16 bytes")
                self.properties["contentMD5"] = value.hex()
            elif code == 7:
                require(len(value) == 1 and value[0] in TIERS, "the tier is unknown")
                self.properties["tier"] = TIERS[value[0]]
            elif code == 9:
                self.properties["file"] = file_note(Fields(b"\2" + value))
            elif code == 10:
                require(len(value) == 16, "a note of removal isn't 16 bytes")
                self.properties["removal"] = list(struct.unpack(">qq", value))
            elif code == 13:
                require(len(value) == 48, "the note of a provided key isn't 48 bytes")
                self.properties["providedKey"] = value[:32].hex()
                self.properties["providedKeyScope"] = value[32:].hex()
            elif code == 14:
                require(len(value) == 8 and value[0] < 128, "a sequence number is impossible")
                self.properties["sequenceNumber"] = int.from_bytes(value, "big")
            else:
                require(code == 8, "a property is unknown")
                tags = Fields(b"\2" + value)
                self.properties["tags"] = tags.pairs(256)
                tags.end()
                require(len(self.properties["tags"]) <= 10, "there are too many tags")
                require(all(len(name.encode()) <= 128 for name in self.properties["tags"]),
                        "the name of a tag is too long")
        fields.end()
        own = re.fullmatch("\0/([^\0]+)\0/[0-9a-f]{16}[srv]", self.name, re.DOTALL)
        name = own[1] if own else self.name
        require(name != "" and "\0" not in name and len(name.encode()) <= 4096,
                "the document holds no name")

    def measure(self) -> None:
        """Checks the columns; the document vouches for them, so this finds a writer's mistakes."""
        row = self.row
        require(12 <= row["chunk_exponent"] <= 24, "the chunk size is impossible")
        require(row["codec"] in (0, 1, 2), "the codec is unknown")
        require((row["table_digest"] is None) == (row["codec"] == 0), "table_digest is amiss")
        require((row["blob"] is None) != (row["data"] is None),
                "the bytes are in two places, or in none")
        require(row["blob"] is None or row["file"] == row["object_id"], "the blob is another's")
        if row["codec"] == 2:
            self.pages = -(-self.stored // (EXTENT * EXTENTS + GCM_TAG))
            self.count = (self.stored - GCM_TAG * self.pages) // EXTENT
            require(0 < self.count <= 1 << 18 and self.pages == -(-self.count // EXTENTS)
                    and self.stored == EXTENT * self.count + GCM_TAG * self.pages,
                    "no table of extents is as long as the blob")
            return
        self.chunk_size = 1 << row["chunk_exponent"]
        self.chunks = max(1, -(-self.size // self.chunk_size))
        self.pages = -(-self.chunks // PAGE)
        self.table_length = row["codec"] * (ENTRY * self.chunks + GCM_TAG * self.pages)
        self.table_offset = self.stored - self.table_length
        require(self.table_offset >= 0, "the blob is too short for its table")
        require(row["codec"] == 1 or self.stored == self.size + GCM_TAG * self.chunks,
                "the two sizes contradict each other")
        self.page, self.entries = -1, b""

    def unlock(self) -> tuple[bytes, bytes]:
        """The chunk key and the table key."""
        raise NotImplementedError

    def open(self) -> Any:
        """Finds the keys, and opens the bytes: a file, or what is in the row."""
        self.chunk_key, self.table_key = self.unlock()
        blob: Any
        if self.row["data"] is not None:
            blob = io.BytesIO(self.row["data"])
        else:
            name = self.row["file"].hex()
            path = self.scope.store.path / "blobs" / name[:2] / name
            # That of a part that isn't durable yet.
            later = self.scope.store.path / "staging" / f"{name}.part"
            blob = (later if later.exists() else path).open("rb")
        blob.seek(0, 2)
        require(blob.tell() == self.stored, "the blob has another length than its row says")
        return blob

    def part(self, blob: Any, what: str, key: bytes, iv: bytes, offset: int, size: int) -> bytes:
        """Opens a chunk or page."""
        blob.seek(offset)
        sealed = blob.read(size)
        opened = unseal(key, iv, sealed, b"", what)
        for label, value in ("offset", offset), ("nonce", iv), ("sealed", sealed), ("", opened):
            self.note(f"{what} {label}".strip(), value)
        return opened

    def place(self, blob: Any, index: int, length: int) -> tuple[int, int, bool]:
        """A chunk's offset and sealed length, and whether it is an LZ4 block (section 6)."""
        if self.row["codec"] == 0:
            return index * (self.chunk_size + GCM_TAG), length + GCM_TAG, False
        page = index // PAGE
        if self.page != page:
            offset = self.table_offset + page * (ENTRY * PAGE + GCM_TAG)
            size = ENTRY * min(PAGE, self.chunks - page * PAGE) + GCM_TAG
            iv = struct.pack(">3xQB", page, page == self.pages - 1)
            self.entries = self.part(blob, f"page {page}", self.table_key, iv, offset, size)
            self.page = page
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
        offset, size, packed = self.place(blob, index, length)
        iv = struct.pack(">3xQB", index, (index == self.chunks - 1) + 2 * packed)
        plaintext = self.part(blob, what, self.chunk_key, iv, offset, size)
        if packed:
            try:
                plaintext = lz4.block.decompress(plaintext, uncompressed_size=length)
            except lz4.block.LZ4BlockError:
                plaintext = b""
            require(len(plaintext) == length, f"{what} doesn't decompress to its length")
            self.note(f"{what} plaintext", plaintext)
        return plaintext, offset, size

    def extents(self) -> list["Extent"]:
        """The entries of the table of extents (section 6)."""
        found: list[Extent] = []
        with self.open() as blob:
            self.note("# section 6, extents", self.count)
            blob.seek(0)
            sealed = blob.read()
            digest = hashlib.sha256(sealed).digest()
            require(self.row["table_digest"] == digest, "table_digest doesn't match")
            for page in range(self.pages):
                offset = page * (EXTENT * EXTENTS + GCM_TAG)
                size = EXTENT * min(EXTENTS, self.count - page * EXTENTS) + GCM_TAG
                iv = struct.pack(">3xQB", page, page == self.pages - 1)
                plain = self.part(blob, f"page {page}", self.table_key, iv, offset, size)
                found += [Extent(self, plain[i:i + EXTENT]) for i in range(0, len(plain), EXTENT)]
        end = 0
        for extent in found:
            require(extent.start == end and extent.length > 0, "extents overlap or leave gaps")
            end += extent.length
        require(end == self.size, "the extents aren't as long as the object")
        return found

    def blobs(self) -> set[bytes]:
        """The blobs that its extents are in."""
        return {extent.row["file"] for extent in self.extents() if extent.codec != ZEROS}

    def read(self, start: int, end: int) -> Iterator[bytes]:
        """The bytes [start..end), by the chunks that they need; at least one is opened."""
        if self.row["codec"] == 2:
            for extent in self.extents():
                first, last = max(start, extent.start), min(end, extent.start + extent.length)
                if first < last:
                    yield from extent.bytes(first - extent.start, last - extent.start)
            return
        with self.open() as blob:
            self.note("# sections 5 and 6, chunks", self.chunks)
            last = max(start, end - 1) // self.chunk_size
            for index in range(start // self.chunk_size, last + 1):
                base = index * self.chunk_size
                yield self.chunk(blob, index)[0][max(0, start - base):end - base]

    def verify(self) -> None:
        if self.row["codec"] == 2:
            for extent in self.extents():
                extent.verify()
            return
        with self.open() as blob:
            blob.seek(self.table_offset)
            digest = hashlib.sha256(blob.read(self.table_length)).digest()
            require(self.row["table_digest"] in (None, digest), "table_digest doesn't match")
            places = sorted(self.chunk(blob, index)[1:] for index in range(self.chunks))
        ends = [0] + [offset + size for offset, size in places]
        require(ends == [offset for offset, _ in places] + [self.table_offset],
                "the chunks overlap or leave gaps")


class Extent(Sealed):
    """An entry of a table of extents (section 6), and the blob that it names."""

    def __init__(self, owner: Sealed, entry: bytes) -> None:
        self.scope, self.note = owner.scope, owner.note
        self.start, self.length, self.offset, self.size, self.stored = struct.unpack(
            ">5Q", entry[:40])
        exponent, self.codec, id_length = entry[40:43]
        self.part_id, blob, self.keys = entry[43:43 + id_length], entry[107:123], entry[123:]
        require(id_length <= 64 and not any(entry[43 + id_length:107]), "a part's id is amiss")
        require(self.codec in (0, 1, ZEROS), "an extent's codec is unknown")
        self.row = {"chunk_exponent": exponent, "codec": self.codec, "blob": 0, "data": None,
                    "table_digest": b"" if self.codec == 1 else None,
                    "file": blob, "object_id": blob}
        self.note("extent", entry)
        if self.codec != ZEROS:
            require(self.offset + self.length <= self.size, "an extent is shorter than its entry")
            self.measure()

    def unlock(self) -> tuple[bytes, bytes]:
        return self.keys[:32], self.keys[32:]

    def bytes(self, start: int, end: int) -> Iterator[bytes]:
        if self.codec == ZEROS:
            yield bytes(end - start)
        else:
            yield from self.read(self.offset + start, self.offset + end)

    def verify(self) -> None:
        if self.codec != ZEROS:
            self.row["table_digest"] = None
            super().verify()


class Part(Sealed):
    """A part of an upload that isn't committed (section 8)."""

    def __init__(self, scope: Scope, row: Row) -> None:
        self.scope, self.note = scope, scope.note
        self.sealing = scope.store.encryption_scope(scope, row)
        self.note("# section 8, part", row["id"])
        self.binding = (counted("sluice/2 part row") + scope.place + row["tag"] + row["part"]
                        + row["object_id"] + row["revision"])
        fields = scope.document(row, self.binding)
        self.name = fields.text(64)
        self.size, self.stored = fields.number(">Q"), fields.number(">Q")
        exponent, self.codec = fields.number(">B"), fields.number(">B")
        self.created = fields.number(">q")
        self.digest = fields.take(fields.number(">H"))
        fields.end()
        require(len(self.digest) in (0, 32), "the digest of a provided key isn't 32 bytes")
        require(self.codec in (0, 1), "the part's codec is unknown")
        require(row["part"] == scope.tag(3, self.name), "the document holds another part")
        self.row = {**row, "chunk_exponent": exponent, "codec": self.codec, "data": None,
                    "table_digest": b"" if self.codec == 1 else None}
        self.measure()
        self.row["table_digest"] = None

    def unlock(self) -> tuple[bytes, bytes]:
        salt = self.row["revision"] + self.scope.store.provided(self.digest)
        keys = self.sealing.opened(salt, self.row["keys"], "part keys", self.binding,
                                   "the row's keys")
        return keys[:32], keys[32:]


class Object(Sealed):
    def __init__(self, scope: Scope, row: Row, expected: str | None = None) -> None:
        super().__init__(scope, row, "sluice/2 object row", row["tag"] + row["directory"]
                         + row["object_id"] + row["entity_tag"])
        self.binding += counted((row["metadata"] or b"")[-GCM_TAG:])
        self.note("# section 7, object", expected or row["id"])
        self.describe(scope.document(row, self.binding))
        self.sealing = scope.store.encryption_scope(scope, row)
        scope_id = self.properties.get("providedKeyScope", self.sealing.place[16:].hex())
        require(self.sealing.place[16:].hex() == scope_id, "it is sealed for another scope")
        self.metadata = self.sealing.metadata(row["metadata"])
        tag, directory = scope.tag(1, self.name), scope.tag(2, directory_of(self.name))
        self.note("tag of the name", tag)
        self.note("tag of its directory", directory)
        require(expected in (None, self.name)
                and (tag, directory) == (row["tag"], row["directory"]),
                "the document holds another name")
        self.measure()

    def unlock(self) -> tuple[bytes, bytes]:
        """Derives the object's keys (section 4)."""
        row = self.row
        self.note("# section 4, object", self.name)
        info = struct.pack("4B", 2, 1, row["chunk_exponent"], row["codec"])
        provided = self.scope.store.provided(
            bytes.fromhex(self.properties.get("providedKey", "")))
        chunk_key, table_key, _ = self.scope.store.derive(
            row, "data key", self.sealing.object_root + provided, row["object_id"],
            b"sluice/2 object" + info, "E", "chunk key", "table key", "key commitment",
            scope=self.sealing)
        return chunk_key, table_key


class Pin(Sealed):
    """Section 8; the scope is the pins' own."""

    def __init__(self, scope: Scope, row: Row) -> None:
        super().__init__(scope, row, "sluice/2 pin row", row["pin_id"] + row["object_id"])
        self.id = row["pin_id"].hex()
        self.note("# section 8, pin", self.id)
        fields = scope.document(row, self.binding)
        self.source, self.identifier = fields.text(63), fields.text(65535)
        self.pinned, self.entity_tag = fields.number(">q"), fields.take(16)
        document = fields.take(fields.number(">H"))
        pairs = fields.take(fields.number(">H"))
        fields.end()
        self.describe(Fields(document))
        if pairs:
            self.metadata = metadata(Fields(pairs))
        self.measure()

    def unlock(self) -> tuple[bytes, bytes]:
        keys = self.scope.unseal(self.row, "keys", "pin keys", self.binding)
        require(len(keys) == 64, "the pin's keys have a wrong length")
        return keys[:32], keys[32:]


def pins(store: Store, pin_id: str | None = None) -> list[Pin]:
    rows = store.rows(PINNED, bytes.fromhex(pin_id) if pin_id else None)
    if not rows:
        return []
    (scope,) = store.scopes(PINS)
    return [Pin(scope, row) for row in rows]


def verify(store: Store) -> list[str]:
    """Whatever is wrong with a store: each object, directory and pin, and what can be counted."""
    faults: list[str] = []
    objects = 0

    def attempt(what: str, action: Callable[[], Any]) -> Any:
        try:
            return action()
        except FAULTS as error:
            faults.append(f"{what}: {error}")

    keys, blobs, census = (Counter[Any]() for _ in range(3))
    key_scopes = {row["id"]: row["scope"] for row in store.rows("SELECT * FROM wrapped_keys")}
    for scope in store.scopes():
        held: set[str] = set()
        found: set[str | None] = set()
        for row in scope.rows():
            what = f"{scope.name}, object row {row['id']}"
            if item := attempt(what, lambda: Object(scope, row)):
                attempt(f"{what}, {item.name}", item.verify)
                if row["codec"] == 2:
                    named = {row["file"] for row in store.rows(NAMED, row["blob"])}
                    if named != (attempt(what, item.blobs) or set()):
                        faults.append(f"{what}: extents has other blobs than its table")
                held.update(item.name[:i + 1] for i, c in enumerate(item.name) if c == "/")
            sealing = row["encryption"] or scope.row_id
            if key_scopes[row["wrapped_key"]] != sealing:
                faults.append(f"{what}: its wrapped key is another scope's")
            keys[row["wrapped_key"], "objects"] += 1
            keys[row["wrapped_key"], "bytes"] += row["byte_count"]
            blobs[row["blob"]] += row["blob"] is not None
            objects += 1
            census[sealing, row["key"], "objects"] += 1
            census[sealing, row["key"], "bytes"] += row["byte_count"]
        for row in store.rows(PARTS, scope.row_id):
            what = f"{scope.name}, part row {row['id']}"
            if part := attempt(what, lambda: Part(scope, row)):
                attempt(what, part.verify)
        for row in store.rows("SELECT * FROM states WHERE scope = ?", scope.row_id):
            attempt(f"{scope.name}, state row {row['id']}", lambda: scope.state(row))
        for row in store.rows("SELECT * FROM directories WHERE scope = ?", scope.row_id):
            what = f"{scope.name}, directory row {row['id']}"
            found.add(attempt(what, lambda: scope.directory(row)))
        faults += [f"{scope.name}, directory {name}: it or its row is missing"
                   for name in held ^ (found - {None})]
    for pin in attempt("pins", lambda: pins(store)) or []:
        attempt(f"pin {pin.id}, {pin.name}", pin.verify)
    for row in store.rows("SELECT blob FROM pins WHERE blob IS NOT NULL UNION ALL "
                          "SELECT blob FROM extents UNION ALL SELECT blob FROM parts"):
        blobs[row["blob"]] += 1
    # Counters are equal if they differ in zeroes only.
    if blobs != Counter({row["id"]: row["refs"] for row in store.rows("SELECT * FROM blobs")}):
        faults.append("blobs: refs are wrong")
    units = ("objects", "bytes")
    if keys != Counter({(row["id"], unit): row[unit] for unit in units
                        for row in store.rows("SELECT * FROM wrapped_keys")}):
        faults.append("wrapped_keys: objects or bytes are wrong")
    if census != Counter({(row["scope"], row["key"], unit): row[unit] for unit in units
                          for row in store.rows("SELECT * FROM census")}):
        faults.append("census: is wrong")
    (rows,) = store.rows("SELECT count(*) AS objects FROM objects")
    if rows["objects"] != objects or store.pragma("integrity_check") != "ok":
        faults.append("catalog.db: is corrupt")
    return faults


def explain(label: str, value: Any) -> None:
    """Prints a value: bytes in hex, at most the first KiB."""
    if not isinstance(value, bytes):
        print(f"\n{label}: {value}" if label.startswith("#") else f"{label}: {value}")
        return
    print(f"{label} ({len(value)} bytes{', of which the first 1024' * (len(value) > 1024)}):")
    for line in textwrap.wrap(value[:1024].hex(), 64):
        print("   ", line)


def tell(item: Sealed, **more: Any) -> None:
    """Prints a line of JSON."""
    print(json.dumps({**more, "name": item.name, "size": item.size, **item.properties,
                      "created": item.created, "modified": item.modified,
                      "metadata": item.metadata}, ensure_ascii=False))


def span(text: str, size: int) -> tuple[int, int]:
    """A-B, both included, or A- to the end, as [start..end)."""
    match = re.fullmatch(r"(\d+)-(\d*)", text)
    if not match:
        raise Refused(f"{text} isn't a range")
    start, end = int(match[1]), min(size, int(match[2] or size) + 1)
    require(start < end, f"there are no bytes {text} in {size}")
    return start, end


def run(arguments: argparse.Namespace) -> int:
    keys, explaining = {}, arguments.command == "explain"
    for option in arguments.key:
        identifier, _, file = option.partition("=")
        keys[identifier] = serialization.load_pem_private_key(Path(file).read_bytes(), None)
    if explaining:
        print("```")
    store = Store(arguments.store, keys, explain if explaining else lambda label, value: None,
                  [bytes.fromhex(key) for key in arguments.provided_key])
    if arguments.command == "verify":
        faults = verify(store)
        for fault in faults:
            print(f"sluice_read: {fault}", file=sys.stderr)
        return 1 if faults else 0
    if arguments.command == "list":
        names = [row["name"] for row in store.rows(SCOPES, None) if row["name"] != PINS]
        for scope in (scope for name in names for scope in store.scopes(name)):
            items = [Object(scope, row) for row in scope.rows()]
            for item in sorted(items, key=lambda item: item.name.encode()):
                tell(item, scope=scope.name)
        return 0
    if arguments.command == "pins":
        for pin in pins(store):
            tell(pin, pin=pin.id, scope=pin.source, key=pin.identifier, pinned=pin.pinned)
        return 0
    item: Sealed
    if arguments.pin:
        require(re.fullmatch("[0-9a-f]{32}", arguments.name) is not None,
                f"{arguments.name} is no pin's id")
        found = pins(store, arguments.name)
        require(len(found) == 1, f"there is no pin {arguments.name}")
        item = found[0]
    else:
        (scope,) = store.scopes(arguments.scope)
        rows = scope.rows(arguments.name)
        require(len(rows) == 1, f"there is no object {arguments.name}")
        item = Object(scope, rows[0], arguments.name)
    if explaining:
        list(item.read(0, item.size))
        print("```")
    else:
        for part in item.read(*(span(arguments.range, item.size) if arguments.range
                                else (0, item.size))):
            sys.stdout.buffer.write(part)
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(description="Reads a Sluice store.")
    parser.add_argument("store", type=Path)
    parser.add_argument("--provided-key", action="append", default=[], metavar="HEX")
    parser.add_argument("--key", action="append", default=[], metavar="IDENTIFIER=FILE.pem")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="names, sizes and metadata as JSON lines")
    commands.add_parser("pins", help="the same of pins, with their ids")
    commands.add_parser("verify", help="read and check everything")
    for name, text in (("get", "write an object to standard output"),
                       ("explain", "print all that is derived on the way to an object")):
        command = commands.add_parser(name, help=text)
        command.add_argument("name")
        command.add_argument("--scope", default="default")
        command.add_argument("--pin", action="store_true", help="NAME is the id of a pin")
    commands.choices["get"].add_argument("--range", metavar="A-B", help="both included")
    try:
        return run(parser.parse_args())
    except FAULTS as error:
        print(f"sluice_read: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
