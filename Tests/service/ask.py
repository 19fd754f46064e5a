"""Sends requests to a server without TLS, as `ask.py PORT` with a JSON list of {method, host, path, headers, body} on
standard input; prints a list of {status, headers, body}, names of headers in lower case.
"""
import http.client, json, sys

answers = []
for asked in json.load(sys.stdin):
    c = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=60)
    c.request(asked["method"], asked["path"], asked["body"].encode(), {"Host": asked["host"], **asked["headers"]})
    r = c.getresponse()
    answers.append({"status": r.status, "headers": {k.lower(): v for k, v in r.getheaders()}, "body": r.read().decode()})
    c.close()
json.dump(answers, sys.stdout)
