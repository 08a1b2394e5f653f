package forgery

import (
	"encoding/json"
	"strings"
	"time"
)

// claimed returns a token for each value of a claim, signed by the issuer.
func claimed(i Issuer, now time.Time, name string, values ...any) map[string]string {
	return each(values, func(value any) string { return token(i.header(), i.claims(now).with(name, value), signES256(i.Key)) })
}

// prefixed adds variants, each name after a prefix.
func prefixed(all map[string]string, prefix string, variants map[string]string) {
	for name, value := range variants {
		all[prefix+" "+name] = value
	}
}

// types are of tokens that are for something else, as their headers say (RFC 8725, 3.11 and 3.12), or as Amazon Cognito's ID tokens say.
func types(i Issuer, now time.Time) map[string]string {
	all := each([]any{
		"logout+jwt", "application/logout+jwt", "dpop+jwt", "secevent+jwt", "id+jwt", "kb+jwt", "oauth-authz-req+jwt", "token-introspection+jwt",
		"JOSE", "JOSE+JSON", "JWE", "JWT ", "", nil, 1, []any{"JWT"}, object{"JWT": true},
	}, func(value any) string { return token(i.header().with("typ", value), i.claims(now), signES256(i.Key)) })
	prefixed(all, "token_use", claimed(i, now, "token_use", "id", "ID", "refresh", "", nil, 0, []any{"access"}))
	return all
}

// times are before or after the token's own, or no times (RFC 7519, 4.1.4 to 4.1.6). The API allows 30 seconds for clocks that differ.
func times(i Issuer, now time.Time) map[string]string {
	const beyondTolerance = 10 * time.Minute // The attacks may take as long as that.
	at := func(d time.Duration) int64 { return now.Add(d).Unix() }
	all := map[string]string{}
	prefixed(all, "exp", claimed(i, now, "exp",
		at(-time.Minute), at(-365*24*time.Hour), 0, -1, "never", "", now.Add(lifetime).Format(time.RFC3339), at(lifetime)*-1, nil, true,
		[]any{at(lifetime)}, object{"exp": at(lifetime)}, json.Number("1e999"), absent,
	))
	prefixed(all, "nbf", claimed(i, now, "nbf", at(beyondTolerance), at(365*24*time.Hour), "now", "", nil, true, []any{at(0)},
		json.Number("1e999")))
	prefixed(all, "iat", claimed(i, now, "iat", "now", "", nil, true, []any{at(0)}, object{}))
	return all
}

// issuers are another's, or nearly the right one.
func issuers(i Issuer, now time.Time) map[string]string {
	return claimed(i, now, "iss",
		absent, nil, "", 0, true, "https://attacker.example/", i.Name[:len(i.Name)-1], i.Name+"/", i.Name+" ", " "+i.Name,
		strings.ToUpper(i.Name),
		i.Name+"\x00", i.Name+"\x00attacker", i.Name+"\n", i.Name+".attacker.example", []any{i.Name}, []any{"https://attacker.example/", i.Name},
		object{"iss": i.Name}, object{"toString": i.Name},
	)
}

// audiences are others, or nearly the right one.
func audiences(i Issuer, now time.Time) map[string]string {
	return claimed(i, now, "aud",
		absent, nil, "", 0, true, "https://other.example/", i.Audience[:len(i.Audience)-1], i.Audience+"/", i.Audience+" ", " "+i.Audience,
		strings.ToUpper(i.Audience), i.Audience+"\x00", "https://other.example/ "+i.Audience, "https://other.example/,"+i.Audience, []any{},
		[]any{"https://other.example/"}, []any{[]any{i.Audience}}, []any{object{"aud": i.Audience}}, object{i.Audience: true},
		object{"0": i.Audience},
		i.Name,
	)
}

// subjects are none that the audit trail could name.
func subjects(i Issuer, now time.Time) map[string]string {
	const mostCharacters = 255 // OpenID Connect Core 1.0, section 2
	return claimed(i, now, "sub",
		absent, nil, "", 0, 7, true, []any{"attacker"}, object{"sub": "attacker"}, "a\x00", "a\nb", "a\rb", "a\tb", "\x1b[2J", "a\x7f",
		"a\u0085b",
		strings.Repeat("s", mostCharacters+1), json.RawMessage(`"\ud800"`),
	)
}

// tenants are none: of another type, or a name that no tenant has. The name of one that exists must not come out of them by trimming,
// decoding or joining.
func tenants(i Issuer, now time.Time) map[string]string {
	const mostCharacters = 64
	all := claimed(i, now, i.TenantClaim,
		absent, nil, "", 0, 1, true, []any{}, []any{i.Tenant}, []any{i.Tenant, "other"}, object{i.TenantClaim: i.Tenant},
		object{"toString": i.Tenant},
		"_default", "_"+i.Tenant, "."+i.Tenant, ".", "..", "../"+i.Tenant, i.Tenant+"/", i.Tenant+"/../other", "/"+i.Tenant, i.Tenant+" ",
		" "+i.Tenant,
		i.Tenant+"\x00", i.Tenant+"\n", i.Tenant+",other", i.Tenant+"'--", "%6cocal", "*", "%", "\uff4cocal", strings.Repeat("t",
			mostCharacters+1),
	)
	none := i.claims(now).with(i.TenantClaim, absent)
	all["of the prototype"] = token(i.header(), none.with("__proto__", object{i.TenantClaim: i.Tenant}), signES256(i.Key))
	all["in another case"] = token(i.header(), none.with(strings.ToUpper(i.TenantClaim), i.Tenant), signES256(i.Key))
	all["in the header"] = token(i.header().with(i.TenantClaim, i.Tenant), none, signES256(i.Key))
	all["in a claim of claims"] = token(i.header(), none.with("claims", object{i.TenantClaim: i.Tenant}), signES256(i.Key))
	return all
}

// scopes are of tokens that are good, and allow neither to read nor to write.
func scopes(i Issuer, now time.Time) map[string]string {
	both := []any{"records:read", "records:write"}
	all := claimed(i, now, "scope",
		absent, nil, "", " ", 0, true, []any{}, object{}, object{"0": "records:read", "length": 1}, object{"records:read": true,
			"records:write": true},
		[]any{both}, []any{object{"scope": "records:read"}}, []any{"records:read records:write"}, []any{1, nil, true},
		"records:READ RECORDS:write",
		"records:read,records:write", "records:read\trecords:write", "records:read\nrecords:write", "records:read\x00",
		"records:readrecords:write",
		"records:read:all records:write:all", "xrecords:read xrecords:write", "records", "records:", ":read", "records:*", "*", "records:r",
		"openid profile", "admin", "records.read records.write", "records/read records/write", "__proto__", "constructor", "records%3Aread",
		"\u00a0records:read\u00a0records:write\u00a0", "records:read\u3000records:write",
	)
	none := i.claims(now).with("scope", absent)
	for _, claim := range []string{"scopes", "SCOPE", "roles", "permissions", "groups", "authorities", "entitlements", "azp"} {
		all["in "+claim] = token(i.header(), none.with(claim, both), signES256(i.Key))
	}
	all["of the prototype"] = token(i.header(), none.with("__proto__", object{"scope": "records:read records:write"}), signES256(i.Key))
	all["in the header"] = token(i.header().with("scope", "records:read records:write"), none, signES256(i.Key))
	return all
}

// duplicates have a member twice, of which the last counts (RFC 7519, section 4) and is the wrong one.
func duplicates(i Issuer, now time.Time) map[string]string {
	variants := map[string]string{}
	for name, wrong := range map[string]string{
		"iss": `"https://attacker.example/"`, "aud": `"https://other.example/"`, "exp": "1", "nbf": "99999999999", "sub": `""`,
		i.TenantClaim: `["local"]`,
	} {
		text, _ := json.Marshal(i.claims(now))
		variants[name] = token(i.header(), again(text, name, wrong), signES256(i.Key))
		variants[name+" written with an escape"] = token(i.header(), again(text, `\u00`+hexOf(name[0])+name[1:], wrong), signES256(i.Key))
	}
	text, _ := json.Marshal(i.header())
	variants["alg"] = token(again(text, "alg", `"none"`), i.claims(now), fixed(nil))
	variants["alg over a signature"] = token(again(text, "alg", `"HS256"`), i.claims(now), signES256(i.Key))
	variants["kid"] = token(again(text, "kid", `"unknown"`), i.claims(now), signES256(i.Key))
	return variants
}

// again adds a member at the end of an object's JSON.
func again(text []byte, name, value string) []byte {
	return []byte(strings.TrimSuffix(string(text), "}") + `,"` + name + `":` + value + "}")
}
