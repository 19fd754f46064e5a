"""The service as a client without an SDK sees it; run as `sluice azure --ephemeral -- python3 cloud.py`.

Each status is asserted. The standard library is all that is used, and the environment all that is known.
"""
import base64, http.client, json, os, ssl, subprocess, sys, time, urllib.parse, uuid

E = os.environ
TENANT, SUB, GROUPS = E["AZURE_TENANT_ID"], E["AZURE_SUBSCRIPTION_ID"], "/subscriptions/" + E["AZURE_SUBSCRIPTION_ID"] + "/resourceGroups"
PROXY = urllib.parse.urlsplit(E["HTTPS_PROXY"])
LOGIN, ARM, GRAPH = "login.microsoftonline.com", "management.azure.com", "graph.microsoft.com"
tokens = {}


def call(host, method, path, body=None, headers={}, secure=True):
    if secure:
        c = http.client.HTTPSConnection(PROXY.hostname, PROXY.port, timeout=60, context=ssl.create_default_context(cafile=E["REQUESTS_CA_BUNDLE"]))
        c.set_tunnel(host, 443)
    else:
        c = http.client.HTTPConnection(PROXY.hostname, PROXY.port, timeout=60)
        headers = {"Host": host, **headers}
    if isinstance(body, (dict, list)):
        body, headers = json.dumps(body), {"Content-Type": "application/json", **headers}
    c.request(method, path, body, headers)
    r = c.getresponse()
    data = r.read()
    c.close()
    try:
        document = json.loads(data) if data else None
    except ValueError:
        document = data
    return r.status, document, r.headers


def token(resource="https://management.core.windows.net/", status=200, tenant=TENANT, **other):
    form = {"grant_type": "client_credentials", "client_id": E["AZURE_CLIENT_ID"], "client_secret": E["AZURE_CLIENT_SECRET"], "scope": resource + "/.default", **other}
    got, document, _ = call(LOGIN, "POST", f"/{tenant}/oauth2/v2.0/token", urllib.parse.urlencode({k: v for k, v in form.items() if v is not None}))
    assert got == status, (got, document)
    return document


def bearer(resource="https://management.core.windows.net/"):
    if resource not in tokens:
        tokens[resource] = token(resource)["access_token"]
    return {"Authorization": "Bearer " + tokens[resource]}


def arm(method, path, status, body=None, version="2024-01-01", code=None, headers=None):
    path += ("&" if "?" in path else "?") + "api-version=" + version
    got, document, _ = call(ARM, method, path, body, headers or bearer())
    assert got == status, (method, path, got, document)
    if code:
        assert document["error"]["code"] == code, document
    return document


def part(text, i):
    text = text.split(".")[i]
    return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


def entra():
    status, document, _ = call(LOGIN, "GET", f"/{TENANT}/v2.0/.well-known/openid-configuration")
    assert status == 200 and document["token_endpoint"] == f"https://{LOGIN}/{TENANT}/oauth2/v2.0/token", document
    assert call(LOGIN, "GET", "/common/v2.0/.well-known/openid-configuration")[0] == 200
    assert call(LOGIN, "GET", f"/{uuid.uuid4()}/v2.0/.well-known/openid-configuration")[0] == 400
    assert call(LOGIN, "GET", "/common/discovery/instance?api-version=1.1")[0] == 200
    assert call(LOGIN, "GET", "/nothing")[0] == 404
    given = token()
    claims, top = part(given["access_token"], 1), part(given["access_token"], 0)
    assert claims["aud"] == "https://management.core.windows.net/" and claims["tid"] == TENANT and claims["oid"] == E["AZURE_OBJECT_ID"], claims
    keys = call(LOGIN, "GET", f"/{TENANT}/discovery/v2.0/keys")[1]["keys"]
    assert top["alg"] == "RS256" and top["kid"] in [k["kid"] for k in keys]
    n, e = (int.from_bytes(base64.urlsafe_b64decode(keys[0][k] + "=="), "big") for k in "ne")
    import hashlib
    signed, signature = given["access_token"].rsplit(".", 1)
    opened = pow(int.from_bytes(base64.urlsafe_b64decode(signature + "=="), "big"), e, n).to_bytes(256, "big")
    assert opened.endswith(hashlib.sha256(signed.encode()).digest()) and opened.startswith(b"\0\1\xff")
    assert token(client_secret="wrong", status=401)["error_codes"] == [7000215]
    assert token(client_id=str(uuid.uuid4()), status=400)["error_codes"] == [700016]
    assert token(tenant=str(uuid.uuid4()), status=400)["error_codes"] == [90002]
    assert token(client_secret=None, status=400)["error_codes"] == [900144]
    assert token(grant_type="password", status=400)["error_codes"] == [70003]
    assert token("https://example.com", status=400)["error_codes"] == [500011]
    old = urllib.parse.urlencode({"grant_type": "client_credentials", "client_id": E["AZURE_CLIENT_ID"], "client_secret": E["AZURE_CLIENT_SECRET"], "resource": "https://vault.azure.net"})
    status, document, _ = call(LOGIN, "POST", f"/{TENANT}/oauth2/token", old)
    assert status == 200 and document["resource"] == "https://vault.azure.net" and document["expires_on"].isdigit()


def tokens_that_are_not_good():
    good = bearer()["Authorization"][7:]
    top, claims, signature = good.split(".")
    sub = lambda i, text: ".".join([text if j == i else p for j, p in enumerate((top, claims, signature))])
    pack = lambda d: base64.urlsafe_b64encode(json.dumps(d).encode()).decode().rstrip("=")
    bad = ["", "x", "a.b.c", good[:-8], sub(2, signature[:-4] + "AAAA"), sub(2, ""), sub(0, pack({"alg": "none", "typ": "JWT"})), sub(0, pack({**part(good, 0), "alg": "HS256"})), sub(1, pack({**part(good, 1), "exp": 9999999999})), sub(1, pack({**part(good, 1), "oid": str(uuid.uuid4())}))]
    for t in bad + [token("https://vault.azure.net")["access_token"]]:
        arm("GET", "/subscriptions", 401, code="AuthenticationFailed", headers={"Authorization": "Bearer " + t})
    status, _, headers = call(ARM, "GET", "/subscriptions?api-version=2022-12-01")
    assert status == 401 and headers["WWW-Authenticate"].startswith("Bearer authorization_uri="), headers
    assert call(GRAPH, "GET", "/v1.0/me", headers=bearer())[0] == 401


def graph():
    h = bearer("https://graph.microsoft.com")
    assert call(GRAPH, "GET", "/v1.0/me", headers=h)[0] == 400
    q = urllib.parse.quote(f"servicePrincipalNames/any(c:c eq '{E['AZURE_CLIENT_ID']}')")
    status, document, _ = call(GRAPH, "GET", f"/v1.0/servicePrincipals?$filter={q}", headers=h)
    assert status == 200 and [p["id"] for p in document["value"]] == [E["AZURE_OBJECT_ID"]], document
    assert call(GRAPH, "GET", f"/v1.0/servicePrincipals/{E['AZURE_OBJECT_ID']}", headers=h)[1]["appId"] == E["AZURE_CLIENT_ID"]
    assert call(GRAPH, "GET", f"/v1.0/servicePrincipals/{uuid.uuid4()}", headers=h)[0] == 404
    status, document, _ = call(GRAPH, "POST", "/v1.0/directoryObjects/getByIds", {"ids": [E["AZURE_OBJECT_ID"], str(uuid.uuid4())]}, h)
    assert status == 200 and len(document["value"]) == 1
    assert call(GRAPH, "GET", "/v1.0/servicePrincipals?$filter=startswith(a,'b')", headers=h)[0] == 400
    assert call(GRAPH, "GET", "/v1.0/drives", headers=h)[0] == 404


def subscriptions():
    (s,) = arm("GET", "/subscriptions", 200)["value"]
    assert s["subscriptionId"] == SUB and s["tenantId"] == TENANT and s["state"] == "Enabled"
    assert arm("GET", "/tenants", 200)["value"][0]["tenantId"] == TENANT
    assert arm("GET", f"/subscriptions/{SUB}", 200)["displayName"]
    assert any(l["name"] == "eastus" for l in arm("GET", f"/subscriptions/{SUB}/locations", 200)["value"])
    assert arm("GET", f"/subscriptions/{SUB}/providers/Microsoft.KeyVault", 200)["registrationState"] == "Registered"
    assert arm("POST", f"/subscriptions/{SUB}/providers/Microsoft.KeyVault/register", 200)
    assert arm("GET", f"/subscriptions/{SUB}/providers", 200)["value"]
    arm("GET", f"/subscriptions/{uuid.uuid4()}/resourceGroups", 404, code="SubscriptionNotFound")
    assert call(ARM, "GET", "/metadata/endpoints?api-version=2022-09-01")[1]["suffixes"]["keyVaultDns"] == "vault.azure.net"
    arm("GET", "/nothing/at/all", 400)


def groups():
    g = GROUPS + "/g1"
    arm("HEAD", g, 404)
    arm("GET", g, 404, code="ResourceGroupNotFound")
    arm("PUT", g, 400, {}, code="LocationRequired")
    made = arm("PUT", g.replace("resourceGroups", "resourcegroups"), 201, {"location": "East US", "tags": {"a": "1"}})
    assert made["location"] == "eastus" and made["id"] == g and made["properties"]["provisioningState"] == "Succeeded", made
    arm("PUT", g, 200, {"location": "eastus", "tags": {"a": "1", "b": "2"}})
    arm("HEAD", g, 204)
    assert arm("PATCH", g.upper().replace("SUBSCRIPTIONS", "subscriptions"), 200, {"tags": {"c": "3"}})["tags"] == {"c": "3"}
    assert {"g1", "rg-sluice"} <= {x["name"] for x in arm("GET", GROUPS, 200)["value"]}
    arm("PUT", GROUPS + "/" + urllib.parse.quote("bad name!"), 400, {"location": "eastus"}, code="InvalidResourceGroup")
    arm("DELETE", g, 200)
    arm("DELETE", g, 204)
    arm("PUT", g + "/providers/Microsoft.Search/searchServices/s", 404, {"location": "eastus"}, code="ResourceGroupNotFound")


def resources_of_any_type():
    g = GROUPS + "/g2"
    arm("PUT", g, 201, {"location": "eastus"})
    s = g + "/providers/Microsoft.Search/searchServices/s"
    arm("GET", s, 404, code="ResourceNotFound")
    arm("PATCH", s, 404, {}, code="ResourceNotFound")
    made = arm("PUT", s, 201, {"location": "eastus", "sku": {"name": "basic"}, "identity": {"type": "SystemAssigned"}, "properties": {"x": 1, "y": {"z": [1, 2]}}}, version="nonsense")
    first = made["identity"]["principalId"]
    assert made["properties"]["x"] == 1 and made["type"] == "Microsoft.Search/searchServices"
    assert arm("PUT", s.lower().replace("resourcegroups", "resourceGroups"), 200, {"location": "eastus", "identity": {"type": "SystemAssigned"}})["identity"]["principalId"] == first
    merged = arm("PATCH", s, 200, {"properties": {"y": {"w": 3}}, "tags": {"t": "1"}})
    assert merged["properties"]["y"]["w"] == 3 and merged["identity"]["principalId"] == first and merged["name"] == "s"
    assert "identity" not in arm("PATCH", s, 200, {"identity": {"type": "None"}})
    assert arm("PATCH", s, 200, {"identity": {"type": "SystemAssigned"}})["identity"]["principalId"] != first
    arm("PUT", s + "/children/c", 201, {"properties": {}})
    arm("PUT", g + "/providers/Microsoft.Search/searchServices/none/children/c", 404, {}, code="ParentResourceNotFound")
    assert [x["name"] for x in arm("GET", s + "/children", 200)["value"]] == ["c"]
    assert [x["name"] for x in arm("GET", g + "/providers/Microsoft.Search/searchServices", 200)["value"]] == ["s"]
    q = urllib.parse.quote("resourceType eq 'Microsoft.Search/searchServices' and name eq 's'")
    assert len(arm("GET", f"/subscriptions/{SUB}/resources?$filter={q}", 200)["value"]) == 1
    assert [x["name"] for x in arm("GET", g + "/resources", 200)["value"]] == ["s"]
    arm("GET", f"/subscriptions/{SUB}/resources?$filter=x", 400, code="InvalidFilterInQueryString")
    arm("POST", s + "/unknown", 404, {}, code="ActionNotFound")
    arm("PUT", s, 400, b"{", code="InvalidRequestContent")
    template = b'{"location": "eastus", properties: {"a": 1, // a comment\n }}'
    assert arm("PUT", g + "/providers/Microsoft.Insights/components/i", 201, template)["properties"]["a"] == 1
    arm("DELETE", s, 200)
    arm("GET", s + "/children/c", 404)
    arm("DELETE", g, 200)


def vaults():
    g = GROUPS + "/g3"
    arm("PUT", g, 201, {"location": "eastus"})
    v = g + "/providers/Microsoft.KeyVault/vaults/kv-cloud"
    body = {"location": "eastus", "properties": {"tenantId": TENANT, "sku": {"family": "A", "name": "standard"}, "accessPolicies": []}}
    arm("PUT", g + "/providers/Microsoft.KeyVault/vaults/2", 400, body, code="VaultNameNotValid")
    made = arm("PUT", v, 201, body, version="2023-07-01")["properties"]
    assert made["vaultUri"] == "https://kv-cloud.vault.azure.net/" and made["enableRbacAuthorization"] is False and made["softDeleteRetentionInDays"] == 90, made
    role = arm("PUT", v + "-r", 201, body, version="2026-02-01")["properties"]
    assert role["enableRbacAuthorization"] is True
    arm("PUT", v, 400, {**body, "properties": {**body["properties"], "enablePurgeProtection": False}}, code="BadRequest")
    who = str(uuid.uuid4())
    policy = lambda *p: {"properties": {"accessPolicies": [{"tenantId": TENANT, "objectId": who, "permissions": {"keys": list(p)}}]}}
    keys = lambda d: [p["permissions"]["keys"] for p in d["properties"]["accessPolicies"]]
    assert keys(arm("PUT", v + "/accessPolicies/add", 200, policy("get", "WrapKey"))) == [["get", "WrapKey"]]
    assert keys(arm("PUT", v + "/accessPolicies/add", 200, policy("unwrapKey"))) == [["get", "WrapKey", "unwrapKey"]]
    assert keys(arm("PUT", v + "/accessPolicies/remove", 200, policy("wrapkey", "unwrapKey"))) == [["get"]]
    assert keys(arm("PUT", v + "/accessPolicies/replace", 200, policy("all"))) == [["all"]]
    shown = arm("GET", v, 200)
    arm("PUT", v, 200, shown)
    assert arm("POST", f"/subscriptions/{SUB}/providers/Microsoft.KeyVault/checkNameAvailability", 200, {"name": "kv-cloud", "type": "Microsoft.KeyVault/vaults"})["nameAvailable"] is False
    g4 = GROUPS + "/g4"
    arm("PUT", g4, 201, {"location": "eastus"})
    arm("PUT", v.replace("/g3/", "/g4/"), 409, body, code="VaultAlreadyExists")
    arm("DELETE", v, 200)
    arm("GET", v, 404)
    arm("PUT", v, 409, body, code="ConflictError")
    deleted = f"/subscriptions/{SUB}/providers/Microsoft.KeyVault/locations/eastus/deletedVaults/kv-cloud"
    assert arm("GET", deleted, 200)["properties"]["vaultId"] == v
    assert [x["name"] for x in arm("GET", f"/subscriptions/{SUB}/providers/Microsoft.KeyVault/deletedVaults", 200)["value"]] == ["kv-cloud"]
    assert arm("GET", f"/subscriptions/{SUB}/providers/Microsoft.KeyVault/deletedManagedHSMs", 200)["value"] == []
    back = arm("PUT", v, 200, {"location": "eastus", "properties": {"createMode": "recover", "tenantId": TENANT, "sku": {"family": "A", "name": "standard"}}})
    assert keys(back) == [["all"]], back
    arm("DELETE", v, 200)
    arm("POST", deleted + "/purge", 200)
    arm("GET", deleted, 404, code="DeletedVaultNotFound")
    arm("POST", deleted + "/purge", 404, code="DeletedVaultNotFound")
    arm("PUT", v, 201, {**body, "properties": {**body["properties"], "enablePurgeProtection": True}})
    arm("DELETE", v, 200)
    arm("POST", deleted + "/purge", 405, code="MethodNotAllowed")
    arm("DELETE", g, 200)


def storage():
    g = GROUPS + "/g5"
    arm("PUT", g, 201, {"location": "eastus"})
    a = g + "/providers/Microsoft.Storage/storageAccounts/acctcloud"
    check = f"/subscriptions/{SUB}/providers/Microsoft.Storage/checkNameAvailability"
    assert arm("POST", check, 200, {"name": "acctcloud"})["nameAvailable"] is True
    arm("PUT", a + "-X", 400, {"location": "eastus"}, code="AccountNameInvalid")
    made = arm("PUT", a, 200, {"location": "eastus", "sku": {"name": "Standard_LRS"}, "kind": "StorageV2", "identity": {"type": "SystemAssigned"}, "properties": {"encryption": {"keySource": "Microsoft.Storage", "services": {"blob": {}}}}})
    assert made["properties"]["primaryEndpoints"]["blob"] == "https://acctcloud.blob.core.windows.net/" and made["sku"]["tier"] == "Standard" and made["identity"]["principalId"]
    assert made["properties"]["encryption"]["services"]["blob"]["enabled"] is True
    assert arm("POST", check, 200, {"name": "acctcloud"})["reason"] == "AlreadyExists"
    keys = arm("POST", a + "/listKeys?$expand=kerb", 200)["keys"]
    assert [k["keyName"] for k in keys] == ["key1", "key2"] and len(base64.b64decode(keys[0]["value"])) == 64
    again = arm("POST", a + "/regenerateKey", 200, {"keyName": "key1"})["keys"]
    assert again[0]["value"] != keys[0]["value"] and again[1]["value"] == keys[1]["value"]
    arm("POST", a + "/regenerateKey", 400, {"keyName": "key3"})
    patched = arm("PATCH", a, 200, {"sku": {"name": "Standard_LRS"}, "properties": {"encryption": {"keySource": "Microsoft.Keyvault", "services": {"blob": {}}, "keyVaultProperties": {"keyName": "k", "keyVaultUri": "https://kv.vault.azure.net", "keyVersion": ""}}}})
    assert patched["properties"]["encryption"]["keyvaultproperties"] == {"keyname": "k", "keyvaulturi": "https://kv.vault.azure.net", "keyversion": ""}, patched
    scope = a + "/encryptionScopes/s1"
    arm("PUT", scope, 400, {"properties": {"source": "Microsoft.KeyVault"}})
    assert arm("PUT", scope, 201, {"properties": {"source": "Microsoft.Storage"}})["properties"]["state"] == "Enabled"
    assert arm("PATCH", scope, 200, {"properties": {"state": "Disabled"}})["properties"]["state"] == "Disabled"
    arm("DELETE", scope, 405, code="MethodNotAllowed")
    arm("DELETE", a, 200)
    assert arm("POST", check, 200, {"name": "acctcloud"})["nameAvailable"] is True
    arm("DELETE", g, 200)


def roles():
    g = GROUPS + "/g6"
    arm("PUT", g, 201, {"location": "eastus"})
    i = g + "/providers/Microsoft.ManagedIdentity/userAssignedIdentities/i"
    identity = arm("PUT", i, 201, {"location": "eastus"})["properties"]
    assert arm("PUT", i, 200, {"location": "eastus"})["properties"]["principalId"] == identity["principalId"]
    q = urllib.parse.quote("roleName eq 'Contributor'")
    (definition,) = arm("GET", g + f"/providers/Microsoft.Authorization/roleDefinitions?$filter={q}", 200)["value"]
    hers = {"Authorization": "Bearer " + msi(identity["clientId"])["access_token"]}
    arm("PUT", g + "/providers/Microsoft.Search/searchServices/s", 403, {"location": "eastus"}, code="AuthorizationFailed", headers=hers)
    assert arm("GET", "/subscriptions", 200, headers=hers)["value"] == []
    r = g + f"/providers/Microsoft.Authorization/roleAssignments/{uuid.uuid4()}"
    body = {"properties": {"roleDefinitionId": definition["id"], "principalId": identity["principalId"]}}
    made = arm("PUT", r, 201, body)
    assert made["properties"]["scope"] == g, made
    arm("PUT", r, 200, body)
    arm("PUT", r[:-36] + str(uuid.uuid4()), 409, body, code="RoleAssignmentExists")
    arm("PUT", r[:-36] + str(uuid.uuid4()), 400, {"properties": {**body["properties"], "roleDefinitionId": "/x/" + str(uuid.uuid4())}}, code="RoleDefinitionDoesNotExist")
    arm("PUT", r[:-36] + str(uuid.uuid4()), 400, {"properties": {**body["properties"], "principalId": str(uuid.uuid4())}}, code="PrincipalNotFound")
    arm("PUT", g + "/providers/Microsoft.Search/searchServices/s", 201, {"location": "eastus"}, headers=hers)
    assert len(arm("GET", "/subscriptions", 200, headers=hers)["value"]) == 1
    # A contributor gives no roles.
    arm("PUT", r[:-36] + str(uuid.uuid4()), 403, body, code="AuthorizationFailed", headers=hers)
    q = urllib.parse.quote(f"principalId eq '{identity['principalId']}'")
    listed = arm("GET", f"/subscriptions/{SUB}/providers/Microsoft.Authorization/roleAssignments?$filter={q}", 200)["value"]
    assert [x["name"] for x in listed] == [r[-36:]], listed
    arm("DELETE", r, 200)
    arm("DELETE", r, 204)
    arm("GET", r, 404, code="RoleAssignmentNotFound")
    arm("DELETE", g + "/providers/Microsoft.Search/searchServices/s", 403, headers=hers)
    # An identity that is gone gets nothing, and its tokens are refused.
    arm("DELETE", i, 200)
    arm("GET", "/subscriptions", 401, headers=hers)
    arm("DELETE", g, 200)


def msi(client_id=None, header=None, status=200):
    where = urllib.parse.urlsplit(E["IDENTITY_ENDPOINT"])
    path = where.path + "?api-version=2019-08-01&resource=https://management.azure.com/" + (f"&client_id={client_id}" if client_id else "")
    got, document, _ = call(where.netloc, "GET", path, headers={"X-IDENTITY-HEADER": header or E["IDENTITY_HEADER"]}, secure=False)
    assert got == status, (got, document)
    return document


def managed_identities():
    given = msi()
    assert given["expires_on"].isdigit() and part(given["access_token"], 1)["xms_mirid"].endswith("id-sluice")
    assert arm("GET", "/subscriptions", 200, headers={"Authorization": "Bearer " + given["access_token"]})["value"]
    msi(header="wrong", status=401)
    msi(client_id=str(uuid.uuid4()), status=400)
    msi(client_id=E["AZURE_CLIENT_ID"], status=400)
    status, _, _ = call("127.0.0.1", "GET", "/metadata/identity/oauth2/token?resource=https://vault.azure.net", headers={"Metadata": "true"}, secure=False)
    assert status == 404


def the_command():
    assert subprocess.run(["sluice", "azure", "check"]).returncode == 0
    for name, value in (("HTTPS_PROXY", ""), ("HTTPS_PROXY", "http://example.com:80"), ("SLUICE_AZURE", "other"), ("NO_PROXY", "azure.com"), ("REQUESTS_CA_BUNDLE", "/none")):
        assert subprocess.run(["sluice", "azure", "check"], env={**E, name: value}, stderr=subprocess.DEVNULL).returncode != 0, name
    assert "ARM_CLIENT_SECRET" not in E and "AZURE_CLIENT_CERTIFICATE_PATH" not in E
    profile = json.load(open(E["AZURE_CONFIG_DIR"] + "/azureProfile.json"))
    assert profile["subscriptions"][0]["id"] == SUB
    assert open(E["NODE_EXTRA_CA_CERTS"]).read().startswith("-----BEGIN CERTIFICATE-----")
    jks = open(E["REQUESTS_CA_BUNDLE"].replace(".pem", ".jks"), "rb").read()
    import hashlib
    assert jks[:4] == bytes.fromhex("feedfeed") and hashlib.sha1("changeit".encode("utf-16-be") + b"Mighty Aphrodite" + jks[:-20]).digest() == jks[-20:]
    assert ssl.PEM_cert_to_DER_cert(open(E["REQUESTS_CA_BUNDLE"]).read()) in jks
    for host, wanted in (("ai1.openai.azure.com", 501), ("none.vault.azure.net", 404)):
        status, _, _ = call(host, "GET", "/keys")
        assert status == wanted, host
    assert b"sluice_answers_total" in call("127.0.0.1", "GET", "/metrics", secure=False)[1]


if __name__ == "__main__":
    for check in (entra, tokens_that_are_not_good, graph, subscriptions, groups, resources_of_any_type, vaults, storage, roles, managed_identities, the_command):
        if len(sys.argv) < 2 or check.__name__ in sys.argv[1:]:
            began = time.time()
            try:
                check()
            except Exception as error:
                import traceback
                traceback.print_exc()
                print("FAILED", check.__name__, f"{error}"[:600])
                sys.exit(1)
            print(f"{check.__name__}: {time.time() - began:.2f} s", file=sys.stderr)
    print("ok")
