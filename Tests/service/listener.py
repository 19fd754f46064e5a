"""What a listener answers to bytes on a socket: `listener.py PORT CA NAME` runs one check, `listener.py list` names them.

Host acct.blob.core.windows.net is a plane that streams what it gets back; the standard library is all that is used.
"""
import hashlib, json, os, socket, ssl, sys, threading, time

BLOB, ARM, OTHER = "acct.blob.core.windows.net", "management.azure.com", "example.com"
PORT = CA = None


def plain():
    s = socket.create_connection(("127.0.0.1", PORT), timeout=30)
    return s


def trust():
    return ssl.create_default_context(cafile=CA)


def tunnel(host, port=443):
    s = plain()
    s.sendall(f"CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
    status, _, rest = head(s)
    assert status == 200 and not rest, (status, rest)
    return s


def head(s):
    """Status, fields and what came behind the head."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = s.recv(65536)
        assert part, f"closed behind {data!r}"
        data += part
    top, rest = data.split(b"\r\n\r\n", 1)
    lines = top.decode().split("\r\n")
    fields = {k.lower(): v.strip() for k, v in (l.split(":", 1) for l in lines[1:])}
    return int(lines[0].split()[1]), fields, rest


def answer(s):
    status, fields, body = head(s)
    n = int(fields.get("content-length", 0))
    while len(body) < n:
        part = s.recv(65536)
        assert part, "closed in the body"
        body += part
    return status, fields, body[:n]


def ask(raw, s=None):
    s = s or plain()
    s.sendall(raw if isinstance(raw, bytes) else raw.encode())
    return answer(s)


def closed(s):
    """Whether the server ends the connection."""
    s.settimeout(5)
    try:
        return s.recv(1) == b""
    except ConnectionResetError:
        return True


def refused(raw, status):
    s = plain()
    got = ask(raw, s)
    assert got[0] == status, got
    assert got[1].get("connection") == "close", got
    assert closed(s)


def http_and_https_on_one_port():
    assert ask(f"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")[0] == 200
    with trust().wrap_socket(plain(), server_hostname="localhost") as s:
        assert ask("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", s)[0] == 200


def a_tunnel_with_tls_in_it():
    with trust().wrap_socket(tunnel(ARM), server_hostname=ARM) as s:
        status, _, body = ask(f"GET /.sluice/check HTTP/1.1\r\nHost: {ARM}\r\n\r\n", s)
        assert status == 200 and json.loads(body)["nonce"], body


def a_tunnel_without_tls():
    s = tunnel(BLOB, 80)
    assert ask(f"PUT /x HTTP/1.1\r\nHost: {BLOB}\r\nContent-Length: 3\r\n\r\nabc", s)[2] == b"abc"


def a_tunnel_leads_to_one_host():
    s = tunnel(BLOB, 80)
    assert ask(f"GET / HTTP/1.1\r\nHost: {ARM}\r\n\r\n", s)[0] == 421


def the_first_bytes_may_come_with_the_connect():
    s = plain()
    s.sendall(f"CONNECT {BLOB}:80 HTTP/1.1\r\nHost: {BLOB}\r\n\r\nPUT /x HTTP/1.1\r\nHost: {BLOB}\r\nContent-Length: 1\r\n\r\nz".encode())
    status, _, rest = head(s)
    assert status == 200
    if rest:
        assert b"\r\n\r\nz" in rest or answer(s), rest
    else:
        assert answer(s)[2] == b"z"


def an_absolute_target():
    got = ask(f"PUT http://{BLOB}/a%2Fb?c=%20 HTTP/1.1\r\nHost: {OTHER}\r\nContent-Length: 2\r\n\r\nhi")
    assert got[0] == 200 and got[1]["x-path"] == "/a%2Fb" and got[1]["x-query"] == "c=%20", got


def names_that_are_not_emulated():
    refused(f"GET / HTTP/1.1\r\nHost: {OTHER}\r\n\r\n", 403)
    refused(f"CONNECT {OTHER}:443 HTTP/1.1\r\nHost: {OTHER}:443\r\n\r\n", 403)
    refused(f"GET / HTTP/1.1\r\nHost: a.b.vault.azure.net\r\n\r\n", 403)
    refused(f"GET / HTTP/1.1\r\nHost: evilvault.azure.net\r\n\r\n", 403)


def planes_that_are_not_there():
    got = ask("GET / HTTP/1.1\r\nHost: acct.openai.azure.com\r\n\r\n")
    assert got[0] == 501 and b"openAI" in got[2], got


def two_ways_to_tell_the_length():
    both = f"PUT / HTTP/1.1\r\nHost: {BLOB}\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    refused(both, 400)
    refused(f"PUT / HTTP/1.1\r\nHost: {BLOB}\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx", 400)
    refused(f"PUT / HTTP/1.1\r\nHost: {BLOB}\r\nContent-Length: 1, 1\r\n\r\nx", 400)
    refused(f"PUT / HTTP/1.1\r\nHost: {BLOB}\r\nContent-Length: +1\r\n\r\nx", 400)
    refused(f"PUT / HTTP/1.1\r\nHost: {BLOB}\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501)
    refused(f"PUT / HTTP/1.0\r\nHost: {BLOB}\r\nTransfer-Encoding: chunked\r\n\r\n", 400)


def lines_that_could_be_read_otherwise():
    refused(f"GET / HTTP/1.1\nHost: {BLOB}\r\n\r\n", 400)
    refused(f"GET / HTTP/1.1\r\nHost: {BLOB}\n\n", 400)
    refused(f"GET / HTTP/1.1\r\nHost: {BLOB}\r\nA: b\r\n c\r\n\r\n", 400)
    refused(f"GET / HTTP/1.1\r\nHost : {BLOB}\r\n\r\n", 400)
    refused(f"GET / HTTP/1.1\r\nHost: {BLOB}\r\nA: b\rc\r\n\r\n", 400)
    refused(f"GET / HTTP/1.1\r\nHost: {BLOB}\r\nA: b\x00c\r\n\r\n", 400)
    refused(f"GET / HTTP/1.1\r\nHost: {BLOB}\r\nHost: {BLOB}\r\n\r\n", 400)
    refused("GET / HTTP/1.1\r\n\r\n", 400)
    refused(f"GET  / HTTP/1.1\r\nHost: {BLOB}\r\n\r\n", 400)
    refused(f"GET / HTTP/2.0\r\nHost: {BLOB}\r\n\r\n", 505)


def limits_of_the_head():
    refused(f"GET /{'a' * 17000} HTTP/1.1\r\nHost: {BLOB}\r\n\r\n", 414)
    refused(f"GET / HTTP/1.1\r\nHost: {BLOB}\r\nA: {'a' * 70000}\r\n\r\n", 431)
    refused(f"GET / HTTP/1.1\r\nHost: {BLOB}\r\n" + "A: b\r\n" * 200 + "\r\n", 431)
    assert ask(f"GET / HTTP/1.1\r\nHost: {BLOB}\r\n" + "A: b\r\n" * 199 + "\r\n")[0] == 200


def a_whole_body_that_is_too_long():
    refused(f"POST /x HTTP/1.1\r\nHost: {ARM}\r\nContent-Length: 5000000\r\n\r\n", 413)
    chunk = b"100000\r\n" + b"x" * 0x100000 + b"\r\n"
    s = plain()
    s.sendall(f"POST /x HTTP/1.1\r\nHost: {ARM}\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
    threading.Thread(target=lambda: [quiet(s, chunk) for _ in range(6)], daemon=True).start()
    assert answer(s)[0] == 413


def quiet(s, data):
    try:
        s.sendall(data)
    except OSError:
        pass


def leave_to_send():
    s = plain()
    s.sendall(f"PUT /x HTTP/1.1\r\nHost: {BLOB}\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n".encode())
    assert head(s)[0] == 100
    assert ask(b"abc", s)[2] == b"abc"
    refused(f"PUT / HTTP/1.1\r\nHost: {BLOB}\r\nContent-Length: 1\r\nExpect: more\r\n\r\n", 417)


def no_leave_where_the_answer_is_known():
    s = plain()
    s.sendall(f"PUT /refuse HTTP/1.1\r\nHost: {BLOB}\r\nContent-Length: 1000000000\r\nExpect: 100-continue\r\n\r\n".encode())
    status, fields, _ = answer(s)
    assert status == 409 and fields["connection"] == "close", (status, fields)
    assert closed(s)


def requests_in_a_row_and_at_once():
    s = plain()
    one = f"PUT /x HTTP/1.1\r\nHost: {BLOB}\r\nContent-Length: 2\r\n\r\n%02d"
    s.sendall("".join(one % i for i in range(50)).encode())
    data = b""
    for i in range(50):
        while True:
            top, _, rest = data.partition(b"\r\n\r\n")
            if rest and len(rest) >= 2:
                break
            data += s.recv(65536)
        assert rest[:2] == b"%02d" % i, rest
        data = rest[2:]


def an_old_client():
    s = plain()
    status, fields, _ = ask("GET /healthz HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n", s)
    assert status == 200 and fields["connection"] == "close" and closed(s)


def chunks_of_every_kind():
    s = plain()
    body = b"1;name=value\r\na\r\nA\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n"
    s.sendall(f"PUT /x HTTP/1.1\r\nHost: {BLOB}\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
    for i in range(len(body)):
        s.sendall(body[i : i + 1])
    status, fields, rest = head(s)
    assert status == 200 and fields["transfer-encoding"] == "chunked"
    while b"0\r\n\r\n" not in rest:
        rest += s.recv(65536)
    sizes = b"".join(p for i, p in enumerate(rest.split(b"\r\n")) if i % 2)
    assert sizes.startswith(b"a0123456789"), rest
    for bad in (b"g\r\n", b"-1\r\n", b"1\r\nab\r\n", b"1\nx\r\n", b"FFFFFFFFFFFFFFFFF\r\n"):
        s = plain()
        s.sendall(f"POST /x HTTP/1.1\r\nHost: {ARM}\r\nTransfer-Encoding: chunked\r\n\r\n".encode() + bad)
        assert answer(s)[0] == 400, bad


def streams_both_ways(total=64 << 20, secure=False):
    s = plain()
    if secure:
        s = trust().wrap_socket(tunnel(BLOB), server_hostname=BLOB)
    s.sendall(f"PUT /x HTTP/1.1\r\nHost: {BLOB}\r\nContent-Length: {total}\r\n\r\n".encode())
    block = os.urandom(1 << 20)
    sent = hashlib.sha256()

    def send():
        for _ in range(total // len(block)):
            sent.update(block)
            s.sendall(block)

    t = threading.Thread(target=send, daemon=True)
    if not secure:
        t.start()
        status, fields, body = head(s)
    else:
        # One thread at a time on a TLS socket of Python's: an upload is digested, and its digest sent back.
        send()
        status, fields, body = head(s)
    got, count = hashlib.sha256(body), len(body)
    while count < total and not secure:
        part = s.recv(1 << 20)
        assert part, "closed"
        got.update(part)
        count += len(part)
    assert status == 200
    if not secure:
        t.join()
        assert got.digest() == sent.digest()


def a_body_waits_for_its_reader():
    """Of a body that nobody reads, the server takes what fits, and no more."""
    s = plain()
    s.sendall(f"PUT /wait HTTP/1.1\r\nHost: {BLOB}\r\nContent-Length: {1 << 30}\r\n\r\n".encode())
    s.settimeout(2)
    sent = 0
    try:
        while sent < 1 << 30:
            sent += s.send(b"x" * 65536)
    except (TimeoutError, socket.timeout):
        pass
    assert 0 < sent < 64 << 20, sent


def an_answer_waits_for_its_reader():
    s = plain()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
    s.sendall(f"GET /endless HTTP/1.1\r\nHost: {BLOB}\r\n\r\n".encode())
    time.sleep(1)
    t = plain()
    produced = int(ask(f"GET /produced HTTP/1.1\r\nHost: {BLOB}\r\n\r\n", t)[2])
    assert 0 < produced < 64 << 20, produced
    # Others are served meanwhile.
    assert ask("GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")[0] == 200


def a_slow_head_is_ended():
    s = plain()
    s.sendall(b"GET / HT")
    got = answer(s)
    assert got[0] == 408, got


def a_stalled_body_is_ended():
    s = plain()
    s.sendall(f"POST /x HTTP/1.1\r\nHost: {ARM}\r\nContent-Length: 10\r\n\r\nabc".encode())
    assert answer(s)[0] == 408


def an_answer_that_breaks_off_is_cut():
    s = plain()
    s.sendall(f"GET /broken HTTP/1.1\r\nHost: {BLOB}\r\n\r\n".encode())
    status, fields, body = head(s)
    total = int(fields["content-length"])
    s.settimeout(5)
    try:
        while True:
            part = s.recv(65536)
            if not part:
                break
            body += part
    except ConnectionResetError:
        pass
    assert status == 200 and len(body) < total, (len(body), total)


def heads_without_a_body():
    s = plain()
    s.sendall(f"HEAD /x HTTP/1.1\r\nHost: {BLOB}\r\n\r\nGET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
    status, fields, rest = head(s)
    assert status == 200 and fields["content-length"] == "5", fields
    while b"ok\n" not in rest:
        rest += s.recv(4096)
    assert rest.startswith(b"HTTP/1.1 200")


def the_certificate_is_for_our_names_alone():
    for name in ("kv.vault.azure.net", "a.blob.core.windows.net", "login.microsoftonline.com", "kv.vault.localhost", "arm.localhost", "127.0.0.1"):
        with trust().wrap_socket(plain(), server_hostname=name):
            pass
    for name in ("example.com", "a.b.vault.azure.net"):
        try:
            trust().wrap_socket(plain(), server_hostname=name)
        except ssl.CertificateError:
            continue
        raise AssertionError(name)


CHECKS = {f.__name__: f for f in list(globals().values()) if callable(f) and getattr(f, "__module__", "") == "__main__" and f.__name__ not in ("plain", "trust", "tunnel", "head", "answer", "ask", "closed", "refused", "quiet")}

if __name__ == "__main__":
    if sys.argv[1] == "list":
        print("\n".join(CHECKS))
    else:
        PORT, CA = int(sys.argv[1]), sys.argv[2]
        CHECKS[sys.argv[3]]()
        print("ok")
