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

// leastModulus is the least bits that RS256 takes (RFC 7518, section 3.3).
const leastModulus = 2048

// p256Coordinate is the bytes of a coordinate on the curve P-256, leading zeros
// included (RFC 7518, section 6.2.1.2).
const p256Coordinate = 32

// keyFault is one thing that is wrong with a key, in words that show nothing of it.
type keyFault struct{ allowed, got string }

// faultsOfKey names what keeps a JSON Web Key from being a public one that
// verifies RS256 or ES256. Names of members are compared as they are written,
// as verifiers do. The kid is added to those that were seen.
func faultsOfKey(members map[string]json.RawMessage, seen map[string]bool) []keyFault {
	var faults []keyFault
	for _, name := range privateMembers {
		if _, has := members[name]; has {
			faults = append(faults, keyFault{"public keys only", "the private member " + name})
		}
	}
	kid := member(members, "kid")
	switch {
	case kid == "":
		faults = append(faults, keyFault{"a kid in each key, by which a token names the one that it was signed with", "none"})
	case seen[kid]:
		faults = append(faults, keyFault{"a kid of its own in each key", "that of an earlier one"})
	}
	seen[kid] = true
	if _, has := members["use"]; has && member(members, "use") != "sig" {
		faults = append(faults, keyFault{"sig, where a key has a use", "another"})
	}
	if _, has := members["key_ops"]; has && !only(members["key_ops"], "verify") {
		faults = append(faults, keyFault{`["verify"], where a key has key_ops`, "others"})
	}
	algorithm := ""
	switch member(members, "kty") {
	case "RSA":
		algorithm = "RS256"
		faults = append(faults, faultsOfRSA(members)...)
	case "EC":
		algorithm = "ES256"
		faults = append(faults, faultsOfP256(members)...)
	default:
		return append(faults, keyFault{"a kty of RSA or EC", "another or none"})
	}
	if _, has := members["alg"]; has && member(members, "alg") != algorithm {
		faults = append(faults, keyFault{algorithm + ", where a key of its kty has an alg", "another"})
	}
	return faults
}

func faultsOfRSA(members map[string]json.RawMessage) []keyFault {
	modulus, exponent := number(members, "n"), number(members, "e")
	if modulus.BitLen() < leastModulus {
		return []keyFault{{fmt.Sprintf("an n of at least %d bits in base64url", leastModulus), fmt.Sprintf("%d", modulus.BitLen())}}
	}
	// An RSA exponent is odd and above 1; beyond 32 bits verifiers differ.
	if modulus.Bit(0) == 0 || exponent.Bit(0) == 0 || exponent.BitLen() < 2 || exponent.BitLen() > 32 {
		return []keyFault{{"an odd n, and an odd e of 2 to 32 bits, such as AQAB", "others"}}
	}
	return nil
}

func faultsOfP256(members map[string]json.RawMessage) []keyFault {
	if member(members, "crv") != "P-256" {
		return []keyFault{{"the crv P-256", "another or none"}}
	}
	point := []byte{4} // uncompressed (SEC 1, section 2.3.3)
	for _, name := range [...]string{"x", "y"} {
		coordinate := octets(members, name)
		if len(coordinate) != p256Coordinate {
			return []keyFault{{fmt.Sprintf("an x and a y of %d bytes in base64url", p256Coordinate), fmt.Sprintf("%s of %d", name, len(coordinate))}}
		}
		point = append(point, coordinate...)
	}
	if _, err := ecdh.P256().NewPublicKey(point); err != nil {
		return []keyFault{{"an x and a y that lie on the curve", "others"}}
	}
	return nil
}

// member returns a text, empty if the member is missing or none.
func member(members map[string]json.RawMessage, name string) string {
	var text string
	if json.Unmarshal(members[name], &text) != nil {
		return ""
	}
	return text
}

// octets returns what a member has in base64url without padding (RFC 7515,
// section 2), nil if it has not.
func octets(members map[string]json.RawMessage, name string) []byte {
	text := member(members, name)
	if strings.ContainsAny(text, "\r\n") { // which the decoder overlooks, and verifiers do not
		return nil
	}
	decoded, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil {
		return nil
	}
	return decoded
}

func number(members map[string]json.RawMessage, name string) *big.Int {
	return new(big.Int).SetBytes(octets(members, name))
}

// only reports whether a list has one element, this one.
func only(list json.RawMessage, element string) bool {
	var elements []string
	return json.Unmarshal(list, &elements) == nil && slices.Equal(elements, []string{element})
}
