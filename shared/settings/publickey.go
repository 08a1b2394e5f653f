package settings

import (
	"crypto/ecdh"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strings"
)

// privateMembers are the members of a JSON Web Key that are secret (RFC 7518,
// sections 6.2.2, 6.3.2 and 6.4).
var privateMembers = [...]string{"d", "dp", "dq", "k", "oth", "p", "q", "qi"}

// minModulusBits is the smallest modulus of RS256 (RFC 7518, section 3.3).
const minModulusBits = 2048

// p256Coordinate is the bytes of a coordinate on the curve P-256, leading zeros included (RFC 7518, section 6.2.1.2).
const p256Coordinate = 32

// keyFault is one fault of a key. It contains nothing of the key's values.
type keyFault struct{ allowed, got string }

// checkPublicKey returns the faults that keep a JSON Web Key from being a public one that verifies RS256 or ES256. Names of members are
// compared case-sensitively, as verifiers do. The kid is added to those that were seen.
func checkPublicKey(members map[string]json.RawMessage, seen map[string]bool) []keyFault {
	var faults []keyFault
	for _, name := range privateMembers {
		if _, has := members[name]; has {
			faults = append(faults, keyFault{"public keys only", "the private member " + name})
		}
	}
	kid := stringMember(members, "kid")
	switch {
	case kid == "":
		faults = append(faults, keyFault{"a kid in each key, by which a token names the one that it was signed with", "none"})
	case seen[kid]:
		faults = append(faults, keyFault{"a kid of its own in each key", "that of an earlier one"})
	}
	seen[kid] = true
	if _, has := members["use"]; has && stringMember(members, "use") != "sig" {
		faults = append(faults, keyFault{"sig, where a key has a use", "another"})
	}
	if _, has := members["key_ops"]; has && !isOnlyVerify(members["key_ops"]) {
		faults = append(faults, keyFault{`["verify"], where a key has key_ops`, "others"})
	}
	return append(faults, checkAlgorithm(members)...)
}

// checkAlgorithm returns the faults of a key's type, its values and its algorithm.
func checkAlgorithm(members map[string]json.RawMessage) []keyFault {
	keyType, found := keyTypes[stringMember(members, "kty")]
	if !found {
		return []keyFault{{"a kty of RSA or EC", "another or none"}}
	}
	faults := keyType.check(members)
	if _, has := members["alg"]; has && stringMember(members, "alg") != keyType.algorithm {
		faults = append(faults, keyFault{keyType.algorithm + ", where a key of its kty has an alg", "another"})
	}
	return faults
}

// keyTypes are the types of keys that are admitted, by kty, with the algorithm that each verifies.
var keyTypes = map[string]struct {
	algorithm string
	check     func(members map[string]json.RawMessage) []keyFault
}{
	"RSA": {"RS256", checkRSA},
	"EC":  {"ES256", checkP256},
}

// checkRSA returns the faults of an RSA key's modulus and exponent.
func checkRSA(members map[string]json.RawMessage) []keyFault {
	modulus, exponent := integerMember(members, "n"), integerMember(members, "e")
	if modulus.BitLen() < minModulusBits {
		return []keyFault{{fmt.Sprintf("an n of at least %d bits in base64url", minModulusBits), fmt.Sprintf("%d", modulus.BitLen())}}
	}
	// An RSA exponent is odd and above 1; beyond 32 bits verifiers differ.
	if modulus.Bit(0) == 0 || exponent.Bit(0) == 0 || exponent.BitLen() < 2 || exponent.BitLen() > 32 {
		return []keyFault{{"an odd n, and an odd e of 2 to 32 bits, such as AQAB", "others"}}
	}
	return nil
}

// checkP256 returns the faults of an EC key's curve and point.
func checkP256(members map[string]json.RawMessage) []keyFault {
	if stringMember(members, "crv") != "P-256" {
		return []keyFault{{"the crv P-256", "another or none"}}
	}
	point := []byte{4} // uncompressed (SEC 1, section 2.3.3)
	for _, name := range [...]string{"x", "y"} {
		coordinate := bytesMember(members, name)
		if len(coordinate) != p256Coordinate {
			return []keyFault{{
				fmt.Sprintf("an x and a y of %d bytes in base64url", p256Coordinate), fmt.Sprintf("%s of %d", name, len(coordinate)),
			}}
		}
		point = append(point, coordinate...)
	}
	if _, err := ecdh.P256().NewPublicKey(point); err != nil {
		return []keyFault{{"an x and a y that lie on the curve", "others"}}
	}
	return nil
}

// stringMember returns a string, empty if the member is missing or not a string.
func stringMember(members map[string]json.RawMessage, name string) string {
	var text string
	if json.Unmarshal(members[name], &text) != nil {
		return ""
	}
	return text
}

// bytesMember returns the bytes that a member holds in base64url without padding (RFC 7515, section 2), nil if it is not of that form.
func bytesMember(members map[string]json.RawMessage, name string) []byte {
	text := stringMember(members, name)
	if strings.ContainsAny(text, "\r\n") { // Go's decoder ignores them, verifiers do not.
		return nil
	}
	decoded, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil {
		return nil
	}
	return decoded
}

// integerMember returns the unsigned integer that a member holds in base64url, 0 if it is not of that form.
func integerMember(members map[string]json.RawMessage, name string) *big.Int {
	return new(big.Int).SetBytes(bytesMember(members, name))
}

// isOnlyVerify reports whether a key's operations are verify alone.
func isOnlyVerify(operations json.RawMessage) bool {
	var names []string
	return json.Unmarshal(operations, &names) == nil && slices.Equal(names, []string{"verify"})
}
