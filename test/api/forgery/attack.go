package forgery

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"slices"
	"time"
)

// Attack is an Authorization header, or something in its place, that admits nobody.
type Attack struct {
	// Kind is what is attacked, Name the variant.
	Kind, Name string
	// Status is what must be answered: 401, or 403 to a good token without the scope.
	Status int
	// Header is added to the request.
	Header http.Header
	// Query is added to the URL, as it is.
	Query string
}

func (a Attack) String() string { return a.Kind + ": " + a.Name }

// kinds are the tables.
var kinds = []struct {
	name   string
	status int
	// headers returns the values of the Authorization header, by the variant's name.
	variants func(i Issuer, now time.Time) map[string]string
}{
	{"no signature", http.StatusUnauthorized, unsigned},
	{"a public key as a secret", http.StatusUnauthorized, publicSecrets},
	{"another algorithm", http.StatusUnauthorized, otherAlgorithms},
	{"another key", http.StatusUnauthorized, otherKeys},
	{"a key id", http.StatusUnauthorized, keyIDs},
	{"a critical header", http.StatusUnauthorized, criticalHeaders},
	{"a signature", http.StatusUnauthorized, signatures},
	{"a type", http.StatusUnauthorized, types},
	{"a time", http.StatusUnauthorized, times},
	{"an issuer", http.StatusUnauthorized, issuers},
	{"an audience", http.StatusUnauthorized, audiences},
	{"a subject", http.StatusUnauthorized, subjects},
	{"a tenant", http.StatusUnauthorized, tenants},
	{"a member that is there twice", http.StatusUnauthorized, duplicates},
	{"an encoding", http.StatusUnauthorized, encodings},
	{"a size", http.StatusUnauthorized, sizes},
	{"a scope", http.StatusForbidden, scopes},
}

// Attacks returns every variant of every kind.
func Attacks(i Issuer, now time.Time) []Attack {
	var all []Attack
	for _, kind := range kinds {
		variants := kind.variants(i, now)
		for _, name := range sortedKeys(variants) {
			all = append(all, Attack{
				Kind: kind.name, Name: name, Status: kind.status, Header: http.Header{"Authorization": {"Bearer " + variants[name]}},
			})
		}
	}
	return append(all, locations(i, now)...)
}

func sortedKeys[V any](m map[string]V) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// each returns a variant for each value of a member, by the value's JSON and type; make returns the token with it.
func each(values []any, make func(value any) string) map[string]string {
	variants := map[string]string{}
	for _, value := range values {
		name := fmt.Sprintf("%.60q", fmt.Sprint(value))
		if text, ok := value.(string); !ok {
			name = fmt.Sprintf("%T %.60v", value, value)
		} else if len(text) > len(name) {
			name = fmt.Sprintf("%s… of %d bytes", name, len(text))
		}
		if value == absent {
			name = "none"
		}
		variants[name] = make(value)
	}
	return variants
}

func sha256Of(input []byte) []byte {
	digest := sha256.Sum256(input)
	return digest[:]
}
