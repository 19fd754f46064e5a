// What azure-keyvault-keys 4.11.3 sends.

/// A request of the Python SDK's.
struct SDKRequest: Sendable {
    let method: String
    let target: String
    let body: String

    init(_ method: String, _ target: String, _ body: String = "") {
        self.method = method
        self.target = target
        self.body = body
    }
}

extension SDKRequest {
    static let createRsa = SDKRequest(
        "POST", "/keys/rsa-key/create?api-version=2025-07-01",
        #"""
        {"kty": "RSA", "key_size": 2048, "key_ops": ["encrypt", "decrypt", "sign", "verify",\#
         "wrapKey", "unwrapKey"], "tags": {"purpose": "unit test", "test name ": "CreateRSAK\#
        eyTest"}}
        """#)
    static let createEc = SDKRequest(
        "POST", "/keys/ec-key/create?api-version=2025-07-01",
        #"""
        {"kty": "EC", "attributes": {"enabled": true, "exp": 2524723200}, "crv": "P-256K"}
        """#)
    static let createPlain = SDKRequest(
        "POST", "/keys/k/create?api-version=2025-07-01",
        #"{"kty": "RSA"}"#)
    static let createHsm = SDKRequest(
        "POST", "/keys/k/create?api-version=2025-07-01",
        #"{"kty": "RSA-HSM"}"#)
    static let importRSA = SDKRequest(
        "PUT", "/keys/imported?api-version=2025-07-01",
        #"""
        {"key": {"kty": "RSA", "key_ops": ["encrypt", "decrypt", "sign", "verify", "wrapKey"\#
        , "unwrapKey"], "n": "AKCRTQAjSsaDshtMFdW-2Ie9yVnC5Xr1Suc06PAHINd10nXkVSB-N4TO62ClCk\#
        ZV3XKnqU0nHo7o95WaZpym53W_DiO62umRtFKdl4UotL2QUh0y3SZWeWuoK2u_x2aMj17rUFN0f9GZMZ0pqE\#
        QNCPRBLVJ_-TEe2nGCWSC0exxGsRqz6R1zFkB-icfzQPe4WjQELOUXQ7J9RxhAPTTHtDivYYG-BeTRHrmF04\#
        JT1_6b9T_C8bAC0i0teT-nmlBLarQtBJKATXBx1yegbPOoiTqlQrFQP4MrKWNxtnB9Tcbjcvj-Z9je0ckI_e\#
        Rc4DvAhqcUh_p15Dqg4GeaoNIO_jU", "e": "AQAB", "d": "Ynx9JGaBSP4iUsf6ZJ6opantRNdcdmzaQ\#
        rKbZg6ZQE8Ohi1FYabJWvaoPSE-CiJEsDzShXZHMhUHN4X7Bn8BXaGQhK3p9HXgiwQKmix7oAJTu4ElUIyd8\#
        UC3UWHSZr40el4PaQD-HYu_eMzCXus34MnRiNbh_BUWm6T-Eidhk9d3kNIyaSi9YNDQHW6tjWrEhhq63O7JU\#
        1j9ZonFChZxpKk20jdkQKQURVAdpOdL-5j4I70ZxFuU6wHZj8DS8oRQfwGOvZKbgYDb5jgf3UNL_7eACqq92\#
        XPVX56vm7iKbqeyjCqAIx5y3hrSRIJtZlWCwjYnYQGd4unxDLi8wmJWSQ", "dp": "AMmhWb5yZcu6vJr8x\#
        JZ-t0_likxJRUMZAtEULaWZt2DgODj4y9JrZDJP6mvckzhQP0WXk2NuWbU2HR5pUeCN2wieG1B76VKoH76vf\#
        naJDqT1NuJVBcP2SLHog3ffwZtMME5zjfygchG3kihqOSpwTQ9ETAqAJTkRC38fEhwAz_Cp", "dq": "AKC\#
        9TAo9n2RDaggjdLXK8kiLrBVoaWFTpqXkzYXRhtsx4vWPAkxhfSnze05rVMl6HiXv7FnE0f0wYawzUJzoyuX\#
        BH0zS6D9BqCZPeF543AmWB27iPf38Q9Z8Rjr6oBgMSnGDV_mm8nDVQkeaDyE4cOZh-5UKvKShTKKQVwunmDN\#
        H", "qi": "AJ_nrkLpK8BPzVeARkvSHQyKwMWZ-a8CD95qsKfn0dOZAvXY-2xhQYTEwbED-0bpTNEKbIpA-\#
        ZkaHygmnzJkNbbFAnb9pkkzU8ZQqDP3JNgMfVIroWx58Oth9nJza2j7i-MkPRCUPEq3Ao0J52z7WJIiLji8T\#
        TVYW_NaiM1oxzsH", "p": "ANHerI1o3dLB_VLVmZZVss8VZSYN5SaeQ_0qhfOSgOFwj__waCFmy2EG7l6l\#
        6f_Z-Y0L7Mn_LNov68lyWSFa2EuQUeVj4UoFHc5Di8ZUGiSsTwFM-XMtNuv8HmGgDYLL5BIJD3eTz71LdgW-\#
        Ez38OZH34b7VeG8zfeUDb8Hi30zz", "q": "AMPcZrZBqbc82DO8Q5zTT8ZXRGWrW36KktMllaIk1W2RHnR\#
        iQiW0jBWmcCgqUcQNHa1LwumjyNqwx28QBS37BTvG7ULGUoio6LrOeoiBGEMj-U19sX6m37plEhj5Mak7j3O\#
        PPY_T9rohjTW5aGGg9YSwq4jdz0RrmBX00ofYOjI3"}}
        """#)
    static let update = SDKRequest(
        "PATCH", "/keys/rsa-key/?api-version=2025-07-01",
        #"""
        {"key_ops": ["decrypt", "encrypt"], "attributes": {"exp": 2524723200}, "tags": {"foo\#
        ": "updated tag"}}
        """#)
    static let updateVersion = SDKRequest(
        "PATCH", "/keys/rsa-key/0123456789abcdef0123456789abcdef?api-version=2025-07-01",
        #"{"attributes": {"enabled": false}}"#)
    static let getNewest = SDKRequest("GET", "/keys/rsa-key/?api-version=2025-07-01")
    static let getVersion = SDKRequest(
        "GET", "/keys/rsa-key/0123456789abcdef0123456789abcdef?api-version=2025-07-01")
    static let delete = SDKRequest("DELETE", "/keys/rsa-key?api-version=2025-07-01")
    static let deleted = SDKRequest("GET", "/deletedkeys/rsa-key?api-version=2025-07-01")
    static let recover = SDKRequest("POST", "/deletedkeys/rsa-key/recover?api-version=2025-07-01")
    static let purge = SDKRequest("DELETE", "/deletedkeys/rsa-key?api-version=2025-07-01")
    static let list = SDKRequest("GET", "/keys?api-version=2025-07-01&maxresults=6")
    static let versions = SDKRequest(
        "GET", "/keys/rsa-key/versions?api-version=2025-07-01&maxresults=6")
    static let listDeleted = SDKRequest("GET", "/deletedkeys?api-version=2025-07-01")
    static let backup = SDKRequest("POST", "/keys/rsa-key/backup?api-version=2025-07-01")
    static let restore = SDKRequest(
        "POST", "/keys/restore?api-version=2025-07-01",
        #"{"value": "YmFja3Vw"}"#)
    static let rotate = SDKRequest("POST", "/keys/rsa-key/rotate?api-version=2025-07-01")
    static let getPolicy = SDKRequest("GET", "/keys/rsa-key/rotationpolicy?api-version=2025-07-01")
    static let policyEmpty = SDKRequest(
        "PUT", "/keys/rsa-key/rotationpolicy?api-version=2025-07-01",
        #"{"lifetimeActions": [], "attributes": {}}"#)
    static let policySet = SDKRequest(
        "PUT", "/keys/rsa-key/rotationpolicy?api-version=2025-07-01",
        #"""
        {"lifetimeActions": [{"action": {"type": "Rotate"}, "trigger": {"timeAfterCreate": "\#
        P2M"}}], "attributes": {"expiryTime": "P90D"}}
        """#)
    static let release = SDKRequest(
        "POST", "/keys/rsa-key//release?api-version=2025-07-01",
        #"{"target": "token"}"#)
    static let random = SDKRequest(
        "POST", "/rng?api-version=2025-07-01",
        #"{"count": 8}"#)
    static let attestation = SDKRequest("GET", "/keys/rsa-key//attestation?api-version=2025-07-01")
    static let encrypt = SDKRequest(
        "POST", "/keys/rsa-key/0123456789abcdef0123456789abcdef/encrypt?api-version=2025-07-01",
        #"{"alg": "RSA-OAEP", "value": "cGxhaW50ZXh0"}"#)
    static let decrypt = SDKRequest(
        "POST", "/keys/rsa-key/0123456789abcdef0123456789abcdef/decrypt?api-version=2025-07-01",
        #"{"alg": "RSA-OAEP", "value": "AQL__g"}"#)
    static let wrap = SDKRequest(
        "POST", "/keys/rsa-key/0123456789abcdef0123456789abcdef/wrapkey?api-version=2025-07-01",
        #"{"alg": "RSA-OAEP-256", "value": "a2V5"}"#)
    static let unwrap = SDKRequest(
        "POST", "/keys/rsa-key/0123456789abcdef0123456789abcdef/unwrapkey?api-version=2025-07-01",
        #"{"alg": "RSA1_5", "value": "a2V5"}"#)
    static let sign = SDKRequest(
        "POST", "/keys/rsa-key/0123456789abcdef0123456789abcdef/sign?api-version=2025-07-01",
        #"""
        {"alg": "RS256", "value": "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc"}
        """#)
    static let verify = SDKRequest(
        "POST", "/keys/rsa-key/0123456789abcdef0123456789abcdef/verify?api-version=2025-07-01",
        #"""
        {"alg": "ES256", "digest": "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc", "value": "\#
        CAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI\#
        CA"}
        """#)
    static let encryptNewest = SDKRequest(
        "POST", "/keys/rsa-key//encrypt?api-version=2025-07-01",
        #"{"alg": "RSA-OAEP", "value": "cGxhaW50ZXh0"}"#)
    static let decryptNewest = SDKRequest(
        "POST", "/keys/rsa-key//decrypt?api-version=2025-07-01",
        #"{"alg": "RSA-OAEP", "value": "AQL__g"}"#)
    static let wrapNewest = SDKRequest(
        "POST", "/keys/rsa-key//wrapkey?api-version=2025-07-01",
        #"{"alg": "RSA-OAEP-256", "value": "a2V5"}"#)
    static let unwrapNewest = SDKRequest(
        "POST", "/keys/rsa-key//unwrapkey?api-version=2025-07-01",
        #"{"alg": "RSA1_5", "value": "a2V5"}"#)
    static let signNewest = SDKRequest(
        "POST", "/keys/rsa-key//sign?api-version=2025-07-01",
        #"""
        {"alg": "RS256", "value": "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc"}
        """#)
    static let verifyNewest = SDKRequest(
        "POST", "/keys/rsa-key//verify?api-version=2025-07-01",
        #"""
        {"alg": "ES256", "digest": "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc", "value": "\#
        CAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI\#
        CA"}
        """#)
}
