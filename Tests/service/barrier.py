"""Clients that read a blob while its key is taken away: run as `sluice azure --home DIR -- python3 barrier.py DIR [ROUNDS]`.

Independent of the server: raw sockets, by TLS and without, fast, slow and stalled. When the command that revokes has ended, a
reader gets at most what its own receive buffer held, and never the whole blob.
"""
import http.client, os, socket, ssl, subprocess, sys, threading, time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from cloud import E, GROUPS, PROXY, arm, bearer, call

HOME = sys.argv[1]
ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 3
ACCOUNT, GROUP, VAULT = E["AZURE_STORAGE_ACCOUNT"], GROUPS + "/rg-sluice", "barrier" + E["AZURE_SUBSCRIPTION_ID"][:8]
HOST = ACCOUNT + ".blob.core.windows.net"
STORAGE = {**bearer("https://storage.azure.com"), "x-ms-version": "2026-02-06"}
SIZE, BUFFER = 24 << 20, 32 << 10


def sluice(*words):
    subprocess.run(["sluice", "--home", HOME, "keyvault", *words], check=True, stdout=subprocess.DEVNULL)


def blob(method, path, status, body=None, **headers):
    got, document, fields = call(HOST, method, path, body, {**STORAGE, **headers})
    assert got == status, (method, path, got, document)
    return document, fields


def set_up():
    account = arm("GET", f"{GROUP}/providers/Microsoft.Storage/storageAccounts/{ACCOUNT}", 200)
    policy = {"tenantId": E["AZURE_TENANT_ID"], "objectId": account["identity"]["principalId"], "permissions": {"keys": ["get", "wrapKey", "unwrapKey"]}}
    arm("PUT", f"{GROUP}/providers/Microsoft.KeyVault/vaults/{VAULT}", 201, {"location": "eastus", "properties": {"enableRbacAuthorization": False, "enablePurgeProtection": True, "accessPolicies": [policy]}})
    sluice("key", "create", "--vault-name", VAULT, "--name", "kek")
    encryption = {"keySource": "Microsoft.Keyvault", "keyvaultproperties": {"keyname": "kek", "keyvaulturi": f"https://{VAULT}.vault.azure.net", "keyversion": ""}}
    arm("PATCH", f"{GROUP}/providers/Microsoft.Storage/storageAccounts/{ACCOUNT}", 200, {"properties": {"encryption": encryption}})
    blob("PUT", "/watched?restype=container", 201)
    blob("PUT", "/watched/one", 201, os.urandom(SIZE), **{"x-ms-blob-type": "BlockBlob", "x-ms-meta-a": "b"})


class Reader(threading.Thread):
    """Reads again and again, until it is refused or cut; counts what comes behind a moment that it is told."""

    def __init__(self, pace, is_secure):
        super().__init__(daemon=True)
        self.pace, self.is_secure = pace, is_secure
        self.before, self.behind, self.wholes_behind, self.error = 0, 0, 0, None
        self.revoked = threading.Event()
        self.started = threading.Event()

    def connect(self):
        s = socket.socket()
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
        s.settimeout(30)
        s.connect((PROXY.hostname, PROXY.port))
        self.buffer = s.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)
        host = HOST
        path = "/watched/one"
        if self.is_secure:
            s.sendall(f"CONNECT {HOST}:443 HTTP/1.1\r\nHost: {HOST}:443\r\n\r\n".encode())
            head = b""
            while b"\r\n\r\n" not in head:
                head += s.recv(1)
            s = ssl.create_default_context(cafile=E["REQUESTS_CA_BUNDLE"]).wrap_socket(s, server_hostname=HOST)
        else:
            host, path = f"{PROXY.hostname}:{PROXY.port}", f"/{ACCOUNT}{path}"
        fields = "".join(f"{k}: {v}\r\n" for k, v in STORAGE.items())
        s.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}\r\n{fields}\r\n".encode())
        return s

    def once(self):
        """Whether it may go on."""
        s, got, behind = self.connect(), b"", 0
        total = 0
        try:
            while True:
                if self.pace == "slow":
                    time.sleep(0.005)
                if self.pace == "stalled" and total > 0:
                    self.started.set()
                    self.revoked.wait()
                data = s.recv(16 << 10)
                if not data:
                    break
                if not got:
                    got = data
                    status = int(got[9:12])
                    if status != 200:
                        assert status == 403 and b"KeyVault" in got, got
                        return False
                total += len(data)
                if self.revoked.is_set():
                    behind += len(data)
                    self.behind += len(data)
                else:
                    self.before += len(data)
                if total > SIZE:
                    if self.revoked.is_set() and behind > self.buffer:
                        self.wholes_behind += 1
                    self.started.set()
                    break
                if total > 1 << 20:
                    self.started.set()
        except (ConnectionError, ssl.SSLError):
            return False
        finally:
            s.close()
        return not self.revoked.is_set()

    def run(self):
        try:
            while self.once():
                pass
        except Exception as error:
            self.error = error
            self.started.set()


def round_of():
    readers = [Reader(pace, is_secure) for pace in ("fast", "slow", "stalled", "stalled") for is_secure in (False, True)]
    for reader in readers:
        reader.start()
    for reader in readers:
        assert reader.started.wait(60), "a reader got nothing"
    began = time.time()
    sluice("key", "set-attributes", "--vault-name", VAULT, "--name", "kek", "--enabled", "false")
    took = time.time() - began
    for reader in readers:
        reader.revoked.set()
    _, fields = blob("HEAD", "/watched/one", 403)
    assert fields["x-ms-error-code"].startswith("KeyVault"), dict(fields)
    assert b"<Name>one</Name>" in blob("GET", "/watched?restype=container&comp=list", 200)[0]
    blob("GET", "/watched?restype=container&comp=list&include=metadata", 403)
    blob("PUT", "/watched/two", 403, b"x", **{"x-ms-blob-type": "BlockBlob"})
    for reader in readers:
        reader.join(60)
        assert not reader.is_alive(), (reader.pace, "goes on")
        assert reader.error is None, (reader.pace, reader.is_secure, repr(reader.error))
        assert reader.behind <= reader.buffer, (reader.pace, reader.is_secure, reader.behind, reader.buffer)
        assert reader.wholes_behind == 0
        assert reader.before > 0
    sluice("key", "set-attributes", "--vault-name", VAULT, "--name", "kek", "--enabled", "true")
    blob("GET", "/watched/one", 200)
    return took, max(reader.behind for reader in readers)


if __name__ == "__main__":
    set_up()
    results = [round_of() for _ in range(ROUNDS)]
    times = sorted(took for took, _ in results)
    print(f"{ROUNDS} revocations, command's time p50 {times[len(times) // 2] * 1000:.0f} ms, most {times[-1] * 1000:.0f} ms; "
          f"most bytes behind an answer {max(behind for _, behind in results)}", file=sys.stderr)
    print("ok")
