// Package forgery sends tokens to the records API that it must refuse: forged, expired, meant for others, malformed, or good and without
// the scope. Tables over kinds make them from what an attacker has, a token of an own key and the public key, and from what only the
// issuer can sign, so that a check is missed by each token that lacks nothing else.
package forgery

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"os"
	"time"
)

// Issuer is who signs the tokens that the API admits, with what they have to say.
type Issuer struct {
	Name, Audience string
	// TenantClaim names the claim with the tenant, Tenant is one.
	TenantClaim, Tenant string
	// Key is an ECDSA key on P-256, and KeyID the name under which the API knows its public part.
	Key   *ecdsa.PrivateKey
	KeyID string
}

// ReadKey sets the issuer's key to the private one in a file, as a JSON Web Key (RFC 7518, section 6.2).
func (i *Issuer) ReadKey(file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("reading the issuer's key: %w", err)
	}
	var jwk struct{ Kty, Crv, Kid, D string }
	if err := json.Unmarshal(text, &jwk); err != nil {
		return fmt.Errorf("reading the issuer's key, %s: %w", file, err)
	}
	private, err := base64.RawURLEncoding.DecodeString(jwk.D)
	if err != nil || jwk.Kty != "EC" || jwk.Crv != "P-256" || jwk.Kid == "" {
		return errors.Join(fmt.Errorf("reading the issuer's key, %s: it is no private key on P-256 with a kid", file), err)
	}
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), private)
	if err != nil {
		return fmt.Errorf("reading the issuer's key, %s: %w", file, err)
	}
	i.Key, i.KeyID = key, jwk.Kid
	return nil
}

// lifetime is how long a token is good that is not forged in its times: longer than the attacks take.
const lifetime = time.Hour

// object is a JSON object: a token's header or its claims.
type object map[string]any

// with returns the object with another value of a member; absent removes it.
func (o object) with(name string, value any) object {
	changed := maps.Clone(o)
	if value == absent {
		delete(changed, name)
	} else {
		changed[name] = value
	}
	return changed
}

// absence is the type of absent, which stands for a member that is not there.
type absence struct{}

var absent = absence{}

// header and claims are those of a token that the API admits.
func (i Issuer) header() object { return object{"alg": "ES256", "kid": i.KeyID, "typ": "JWT"} }

func (i Issuer) claims(now time.Time) object {
	return object{
		"iss": i.Name, "aud": i.Audience, "sub": "attacker", "scope": "records:read records:write", i.TenantClaim: i.Tenant,
		"iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(lifetime).Unix(),
	}
}

// Token returns a token that the API admits.
func (i Issuer) Token(now time.Time) string {
	return token(i.header(), i.claims(now), signES256(i.Key))
}

// signer signs the two first parts of a token.
type signer func(input []byte) []byte

// token returns a token; header and claims are objects, or their JSON where it is bytes.
func token(header, claims any, sign signer) string {
	input := part(header) + "." + part(claims)
	return input + "." + encode(sign([]byte(input)))
}

// part encodes a header or claims.
func part(content any) string {
	if text, ok := content.([]byte); ok {
		return encode(text)
	}
	text, err := json.Marshal(content)
	if err != nil {
		panic(fmt.Sprintf("writing %v as JSON: %v", content, err)) // Tables hold nothing that JSON has not.
	}
	return encode(text)
}

func encode(text []byte) string { return base64.RawURLEncoding.EncodeToString(text) }

// coordinateBytes is the length of r, of s and of a coordinate on P-256.
const coordinateBytes = 32

// signES256 signs as RFC 7518, section 3.4 has it: r and s, 32 bytes each.
func signES256(key *ecdsa.PrivateKey) signer {
	return func(input []byte) []byte {
		r, s := signECDSA(key, input)
		return append(r.FillBytes(make([]byte, coordinateBytes)), s.FillBytes(make([]byte, coordinateBytes))...)
	}
}

// fixed is a signature that signs nothing.
func fixed(signature []byte) signer { return func([]byte) []byte { return signature } }

// newKey makes an attacker's key.
func newKey() *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(fmt.Sprintf("making a key: %v", err)) // rand.Reader never fails.
	}
	return key
}

// jwk is the public part of a key as JSON Web Key.
func jwk(key *ecdsa.PrivateKey, kid string) object {
	x, y := coordinates(key)
	return object{"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": kid, "x": encode(x), "y": encode(y)}
}

// coordinates are those of a public key.
func coordinates(key *ecdsa.PrivateKey) (x, y []byte) {
	point, err := key.PublicKey.Bytes() // 4, x, y: uncompressed
	if err != nil {
		panic(fmt.Sprintf("writing a public key: %v", err)) // The key is on P-256.
	}
	return point[1 : 1+coordinateBytes], point[1+coordinateBytes:]
}

func signECDSA(key *ecdsa.PrivateKey, input []byte) (r, s *big.Int) {
	digest := sha256Of(input)
	r, s, err := ecdsa.Sign(rand.Reader, key, digest)
	if err != nil {
		panic(fmt.Sprintf("signing: %v", err)) // rand.Reader never fails.
	}
	return r, s
}
