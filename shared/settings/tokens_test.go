package settings

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"
)

// The public keys of RFC 7517, appendix A.1, with optional members; modulus is the RSA key's.
const (
	modulus = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMs" +
		"tn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbI" +
		"SD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
	rsaKey = `{"kty":"RSA","kid":"r","alg":"RS256","use":"sig","e":"AQAB","n":"` + modulus + `"}`
	ecKey  = `{"kty":"EC","crv":"P-256","kid":"e","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",` +
		`"y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}`
)

// signed returns the values of the three keys for a key set.
func signed(keys string) map[string]string {
	return map[string]string{"jwtIssuer": "https://issuer.example/", "jwtAudience": "records", "jwtKeys": keys}
}

func TestTokens(t *testing.T) {
	tests := []struct{ name, keys, want string }{
		{"a key of RSA", `{"keys":[` + rsaKey + `]}`, `{"keys":[` + rsaKey + `]}`},
		{"a key on P-256 with the required members only", `{"keys":[` + ecKey + `]}`, `{"keys":[` + ecKey + `]}`},
		{"several, as while one is replaced, without white space", "{ \"keys\" : [\n" + rsaKey + " ,\t" + ecKey + "] }\n",
			`{"keys":[` + rsaKey + `,` + ecKey + `]}`},
		{"other members of the set are dropped", `{"issuer":"x","keys":[` + ecKey + `]}`, `{"keys":[` + ecKey + `]}`},
		{"a key that verifies only", `{"keys":[` + strings.Replace(ecKey, `"kid"`, `"key_ops":["verify"],"kid"`, 1) + `]}`,
			`{"keys":[` + strings.Replace(ecKey, `"kid"`, `"key_ops":["verify"],"kid"`, 1) + `]}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := ParseData(read(t, dataName), "blue", Dev, namespaced(dataName, signed(test.keys)))
			if err != nil {
				t.Fatal(err)
			}
			if want := (Tokens{"https://issuer.example/", "records", test.want, AudClaim, "", "", ""}); got.Tokens != want {
				t.Errorf("the tokens are\n%q, want\n%q", got.Tokens, want)
			}
		})
	}
}

func TestTokenClaims(t *testing.T) {
	t.Run("the claims of audience and tenant and the prefix of scopes are the configured ones", func(t *testing.T) {
		values := signed(`{"keys":[` + ecKey + `]}`)
		values["jwtAudienceClaim"], values["jwtScopePrefix"], values["jwtAudience"] = "client_id", "records/", "web,mobile"
		values["jwtTenantClaim"], values["jwtDefaultTenant"] = "org_id", "clinic-a"
		got, err := ParseData(read(t, dataName), "blue", Dev, namespaced(dataName, values))
		if err != nil {
			t.Fatal(err)
		}
		keys := `{"keys":[` + ecKey + `]}`
		want := Tokens{"https://issuer.example/", "web,mobile", keys, ClientIDClaim, "records/", "org_id", "clinic-a"}
		if got.Tokens != want {
			t.Errorf("the tokens are\n%q, want\n%q", got.Tokens, want)
		}
	})
}

func TestKeySetFaults(t *testing.T) {
	secret := "c2VjcmV0LXBhcnQ" // never in a message
	with := func(key, old, new string) string { return `{"keys":[` + strings.Replace(key, old, new, 1) + `]}` }
	short := base64.RawURLEncoding.EncodeToString(append([]byte{0}, []byte(strings.Repeat("\xff", 255))...))
	tests := []struct{ name, keys, allowed, got string }{
		{"no JSON", secret, `a JSON Web Key Set, such as {"keys":[…]}`, "15 bytes that are no JSON object"},
		{"a key without a set", rsaKey, "keys, a list of at least one key", "none"},
		{"a set without keys", `{"keys":[]}`, "keys, a list of at least one key", "none"},
		{"keys that are no list", `{"keys":` + ecKey + `}`, "keys, a list of at least one key", "none"},
		{"a key that is a string", `{"keys":["` + secret + `"]}`, "keys, a list of at least one key", "none"},
		{"keys in another case, which no verifier reads", `{"Keys":[` + ecKey + `]}`, "keys, a list of at least one key", "none"},
		{"a private key on P-256", with(ecKey, `"kid"`, `"d":"`+secret+`","kid"`), "public keys only", "key 1 with the private member d"},
		{"a prime of RSA", with(rsaKey, `"kid"`, `"p":"`+secret+`","kid"`), "public keys only", "key 1 with the private member p"},
		{"a member that is private and null", with(rsaKey, `"kid"`, `"qi":null,"kid"`), "public keys only", "key 1 with the private member qi"},
		{"a shared secret", `{"keys":[{"kty":"oct","kid":"o"}]}`, "a kty of RSA or EC", "key 1 with another or none"},
		{"an Edwards curve", `{"keys":[{"kty":"OKP","kid":"o","crv":"Ed25519","x":"` + secret + `"}]}`,
			"a kty of RSA or EC", "key 1 with another or none"},
		{"a key without a kid", with(ecKey, `"kid":"e",`, ""),
			"a kid in each key, by which a token names the one that it was signed with", "key 1 with none"},
		{"a kid that is a number", with(ecKey, `"e"`, `7`),
			"a kid in each key, by which a token names the one that it was signed with", "key 1 with none"},
		{"two keys of one kid", `{"keys":[` + ecKey + `,` + strings.Replace(rsaKey, `"r"`, `"e"`, 1) + `]}`,
			"a kid of its own in each key", "key 2 with that of an earlier one"},
		{"a key for encryption", with(rsaKey, "sig", "enc"), "sig, where a key has a use", "key 1 with another"},
		{"a key that signs", with(ecKey, `"kid"`, `"key_ops":["sign","verify"],"kid"`),
			`["verify"], where a key has key_ops`, "key 1 with others"},
		{"an algorithm that is not admitted", with(rsaKey, "RS256", "PS256"), "RS256, where a key of its kty has an alg", "key 1 with another"},
		{"an algorithm of the other kty", with(ecKey, `"kid"`, `"alg":"RS256","kid"`),
			"ES256, where a key of its kty has an alg", "key 1 with another"},
		{"a modulus of 2040 bits behind a zero", with(rsaKey, modulus, short), "an n of at least 2048 bits in base64url", "key 1 with 2040"},
		{"a modulus that is no base64url", with(rsaKey, modulus, modulus+"=="), "an n of at least 2048 bits in base64url", "key 1 with 0"},
		{"no modulus", with(rsaKey, `,"n":"`+modulus+`"`, ""), "an n of at least 2048 bits in base64url", "key 1 with 0"},
		{"an exponent of 1", with(rsaKey, "AQAB", "AQ"), "an odd n, and an odd e of 2 to 32 bits, such as AQAB", "key 1 with others"},
		{"an even exponent", with(rsaKey, "AQAB", "AQAC"), "an odd n, and an odd e of 2 to 32 bits, such as AQAB", "key 1 with others"},
		{"another curve", with(ecKey, "P-256", "P-384"), "the crv P-256", "key 1 with another or none"},
		{"a coordinate that is short", with(ecKey, "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4", secret),
			"an x and a y of 32 bytes in base64url", "key 1 with x of 11"},
		{"a coordinate over two lines", with(ecKey, "MKBCTNIc", `MKBC\nTNIc`), "an x and a y of 32 bytes in base64url", "key 1 with x of 0"},
		{"a point that is not on the curve", with(ecKey, "4Etl", "4Etm"), "an x and a y that lie on the curve", "key 1 with others"},
		{"a reference to another parameter", with(ecKey, `"e"`, `"{{ssm:e}}"`), "no {{, which a parameter cannot hold", "a key with it"},
		{"more than a parameter holds", with(ecKey, `"e"`, `"`+strings.Repeat("e", 4000)+`"`),
			"at most 4096 bytes without white space, what a parameter holds", "4146 bytes"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := ParseData(read(t, dataName), "blue", Dev, namespaced(dataName, signed(test.keys)))
			wantFault(t, err, Fault{"jwtKeys", test.allowed, test.got})
			if strings.Contains(err.Error(), secret) {
				t.Errorf("the error %q contains a value that may be private", err)
			}
		})
	}
}

func TestTokenFaults(t *testing.T) {
	const unset = "unset"
	type tokenFault struct{ name, key, value string }
	var tests []tokenFault
	for _, key := range []string{"jwtAudience", "jwtIssuer", "jwtKeys"} {
		tests = append(tests, tokenFault{"an empty " + key, key, ""}, tokenFault{"two keys are set, and not " + key, key, unset})
	}
	for _, key := range []string{"jwtIssuer", "jwtAudience"} {
		tests = append(tests,
			tokenFault{"a space in " + key, key, "an issuer"}, tokenFault{"a line end in " + key, key, "issuer\n"},
			tokenFault{"a control character in " + key, key, "issuer\x00"}, tokenFault{"nothing but a space in " + key, key, " "},
			tokenFault{"more than a parameter holds in " + key, key, strings.Repeat("e", 4097)},
			tokenFault{"more bytes than a parameter holds in " + key, key, strings.Repeat("é", 2049)},
			tokenFault{"a reference to another parameter in " + key, key, "https://{{ssm:issuer}}/"},
		)
	}
	tests = append(tests,
		tokenFault{"an unknown claim of the audience", "jwtAudienceClaim", "azp"},
		tokenFault{"no claim of the audience", "jwtAudienceClaim", ""},
		tokenFault{"a space in the prefix of scopes", "jwtScopePrefix", "records /"},
		tokenFault{"a reference to another parameter in the prefix of scopes", "jwtScopePrefix", "{{ssm:a}}/"},
		tokenFault{"a space in the claim of tenants", "jwtTenantClaim", "org id"},
		tokenFault{"a quote in the claim of tenants, which a header would have to quote", "jwtTenantClaim", `org"id`},
		tokenFault{"a claim of tenants that is too long", "jwtTenantClaim", strings.Repeat("a", 129)},
		tokenFault{"a default tenant without a claim of tenants", "jwtDefaultTenant", "clinic-a"},
		tokenFault{"a default tenant that no token can name", "jwtDefaultTenant", "_default"},
	)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			values := signed(`{"keys":[` + ecKey + `]}`)
			values[test.key] = test.value
			if test.value == unset {
				delete(values, test.key)
			}
			_, err := ParseData(read(t, dataName), "blue", Dev, namespaced(dataName, values))
			var faults *Faults
			if !errors.As(err, &faults) || len(faults.List) != 1 || faults.List[0].Key != test.key {
				t.Errorf("the error is %v, want one fault of %s", err, test.key)
			}
		})
	}
}

func TestTenantsInProd(t *testing.T) {
	values := signed(`{"keys":[` + ecKey + `]}`)
	t.Run("prod without a claim of tenants is refused", func(t *testing.T) {
		_, err := ParseData(read(t, dataName), "blue", Prod, namespaced(dataName, values))
		wantFault(t, err, Fault{"jwtTenantClaim", "the claim that names a token's tenant, because prod keeps its customers apart", `""`})
	})
	t.Run("prod with one, and the other profiles without one, are not", func(t *testing.T) {
		for _, profile := range []Profile{Local, Dev} {
			if _, err := ParseData(read(t, dataName), "blue", profile, namespaced(dataName, values)); err != nil {
				t.Errorf("%s: %v", profile, err)
			}
		}
		values["jwtTenantClaim"] = "https://records.example/tenant"
		if _, err := ParseData(read(t, dataName), "blue", Prod, namespaced(dataName, values)); err != nil {
			t.Error(err)
		}
	})
}
