// Package issuer stands in for the identity provider of an environment on the local AWS emulator: it has a key of its own, made
// once, and signs access tokens that the application there admits.
//
// The key admits whoever can read the state's folder to an application that listens on this machine alone. It is never
// used outside it: an environment on AWS is configured with its issuer's public keys.
package issuer

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

const (
	// Name is the issuer's (iss).
	Name = "urn:warmstandby:local"
	// Audience is whom the tokens are for (aud): the records API, which admits no others.
	Audience = "urn:warmstandby:records"
	// Subject is whom every token is of (sub): the developer.
	Subject = "developer"
	// TenantClaim is the claim that names a token's tenant.
	TenantClaim = "tenant"
	// Tenant is the tenant of a token whose caller names none, and of the records from before there were tenants.
	Tenant = "local"
	// Lifetime is a working day and a half: a token in a shell's history is of no use the next day.
	Lifetime = 12 * time.Hour
)

// Issuer signs tokens.
type Issuer struct {
	key jose.JSONWebKey // private
}

// Open returns the issuer whose key is in the state folder, with a new key if there is none. Two processes that open it at once get the
// same key.
func Open(state string) (*Issuer, error) {
	file := filepath.Join(state, "issuer", "key.json")
	key, err := read(file)
	if errors.Is(err, fs.ErrNotExist) {
		if err = create(file); err != nil {
			return nil, fmt.Errorf("making the key of access tokens: %w", err)
		}
		key, err = read(file)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the key of access tokens: %w", err)
	}
	return &Issuer{key}, nil
}

// KeySet returns the JSON Web Key Set with the public key, without white space.
func (i *Issuer) KeySet() (string, error) {
	text, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{i.key.Public()}})
	if err != nil {
		return "", fmt.Errorf("writing the key set: %w", err)
	}
	return string(text), nil
}

// Token returns a signed token of a tenant that is good for the scopes, separated by spaces, from now on.
func (i *Issuer) Token(scopes, tenant string, now time.Time) (string, error) {
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: i.key}, (&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		return "", fmt.Errorf("signing a token: %w", err)
	}
	token, err := jwt.Signed(signer).Claims(jwt.Claims{
		Issuer: Name, Subject: Subject, Audience: jwt.Audience{Audience},
		IssuedAt: jwt.NewNumericDate(now), NotBefore: jwt.NewNumericDate(now), Expiry: jwt.NewNumericDate(now.Add(Lifetime)),
	}).Claims(map[string]any{"scope": scopes, TenantClaim: tenant}).Serialize()
	if err != nil {
		return "", fmt.Errorf("signing a token: %w", err)
	}
	return token, nil
}

// read returns the key in a file that nobody else may read.
func read(file string) (jose.JSONWebKey, error) {
	var key jose.JSONWebKey
	info, err := os.Stat(file)
	if err != nil {
		return key, err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return key, fmt.Errorf("%s may be read by others (%s): delete it, a new one is made", file, info.Mode().Perm())
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return key, err
	}
	if err := json.Unmarshal(text, &key); err != nil {
		return key, fmt.Errorf("%s: %w: delete it, a new one is made", file, err)
	}
	if private, ok := key.Key.(*ecdsa.PrivateKey); !ok || private.Curve != elliptic.P256() || key.KeyID == "" {
		return key, fmt.Errorf("%s has no private key on P-256 with a kid: delete it, a new one is made", file)
	}
	return key, nil
}

// create makes a key and puts it at file whole, unless another has put one there meanwhile.
func create(file string) error {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	key := jose.JSONWebKey{Key: private, Algorithm: string(jose.ES256), Use: "sig"}
	// A name that follows from the key: a new key is never taken for the one before (RFC 7638).
	thumbprint, err := key.Thumbprint(crypto.SHA256)
	if err != nil {
		return err
	}
	key.KeyID = base64.RawURLEncoding.EncodeToString(thumbprint)
	text, err := json.Marshal(key)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	unfinished, err := os.CreateTemp(filepath.Dir(file), "key-*") // 0600
	if err != nil {
		return err
	}
	_, err = unfinished.Write(text)
	if err = errors.Join(err, unfinished.Close()); err == nil {
		if err = os.Link(unfinished.Name(), file); errors.Is(err, fs.ErrExist) {
			err = nil
		}
	}
	return errors.Join(err, os.Remove(unfinished.Name()))
}
