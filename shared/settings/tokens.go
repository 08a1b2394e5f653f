package settings

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// Tokens are the access tokens that the application admits. None of it is secret.
type Tokens struct {
	// Issuer and Audience are the claims that a token requires; never empty. With AudienceClaim ClientIDClaim the audience may be
	// several clients, separated by commas.
	Issuer, Audience string
	// KeySet is a JSON Web Key Set (RFC 7517) of public keys, without white space and at most 4096 bytes. A set without keys admits
	// nobody.
	KeySet string
	// AudienceClaim is the claim that has the audience: AudClaim or ClientIDClaim.
	AudienceClaim string
	// ScopePrefix is what the issuer puts before the application's scopes; mostly empty.
	ScopePrefix string
	// TenantClaim is the claim that names the tenant of a request. Empty: there is one tenant, and no claim is read.
	TenantClaim string
	// DefaultTenant is the tenant whose records are those from before there were tenants; empty if they are nobody's. Without a
	// TenantClaim it is empty.
	DefaultTenant string
}

// tenantName matches the names of tenants (lambda/app/src/tenant.js).
var tenantName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

// tenantClaim matches the names of claims that may name a tenant. The application's answers quote the name, also in a header.
var tenantClaim = regexp.MustCompile(`^[A-Za-z0-9_.:/-]{1,128}$`)

// The claims that may have the audience. Access tokens of Amazon Cognito have no aud (Amazon Cognito Developer Guide, Understanding the
// access token).
const (
	AudClaim      = "aud"
	ClientIDClaim = "client_id"
)

// noTokens admits nobody: the set has no key. Parameter Store refuses an empty value, so the issuer and the audience are a word.
func noTokens() Tokens {
	return Tokens{Issuer: "nobody", Audience: "nobody", KeySet: `{"keys":[]}`, AudienceClaim: AudClaim}
}

// largestParameter is the most bytes that a parameter of the standard tier holds (AWS Systems Manager User Guide, Managing parameter
// tiers).
const largestParameter = 4096

// nesting begins a reference to a parameter, which Parameter Store refuses in a parameter's value (AWS Systems Manager API,
// PutParameter, Value).
const nesting = "{{"

// tokens returns the tokens that are admitted. The three keys are set together or not at all: an issuer without keys, or keys without
// an audience, is a mistake. In prod a claim names the tenant: the platform serves several customers there.
func (r *reader) tokens(profile Profile) Tokens {
	names := [...]string{keyJWTIssuer, keyJWTAudience, keyJWTKeys}
	set := 0
	for _, name := range names {
		if r.string(name) != "" {
			set++
		}
	}
	claim, prefix := r.audienceClaim(), r.claim(keyJWTScopePrefix)
	tenant, defaultTenant := r.tenants()
	if set == 0 {
		return noTokens()
	}
	for _, name := range names {
		if r.string(name) == "" {
			r.refuse(name, "a value, because others of "+orList(names[:])+" have one; or all three empty, which admits nobody", "nothing")
		}
	}
	if profile == Prod && r.string(keyJWTTenantClaim) == "" {
		r.refuse(keyJWTTenantClaim, "the claim that names a token's tenant, because prod keeps its customers apart", `""`)
	}
	return Tokens{
		Issuer: r.claim(keyJWTIssuer), Audience: r.claim(keyJWTAudience), KeySet: r.keySet(), AudienceClaim: claim, ScopePrefix: prefix,
		TenantClaim: tenant, DefaultTenant: defaultTenant,
	}
}

// tenants returns the claim that names the tenant, and the tenant of the records from before there were tenants.
func (r *reader) tenants() (claim, defaultTenant string) {
	claim, defaultTenant = r.string(keyJWTTenantClaim), r.string(keyJWTDefaultTenant)
	if claim != "" && !tenantClaim.MatchString(claim) {
		r.refuse(keyJWTTenantClaim, "a claim's name of 1 to 128 letters, digits and _ . : / -", strconv.Quote(claim))
	}
	switch {
	case defaultTenant == "":
	case !tenantName.MatchString(defaultTenant):
		r.refuse(keyJWTDefaultTenant, "a tenant's name: 1 to 64 letters, digits and . _ -, of which the first is a letter or a digit",
			strconv.Quote(defaultTenant))
	case claim == "":
		r.refuse(keyJWTDefaultTenant, "nothing without "+keyJWTTenantClaim+": there is one tenant then", strconv.Quote(defaultTenant))
	}
	return claim, defaultTenant
}

// audienceClaim returns the name of the claim that has the audience.
func (r *reader) audienceClaim() string {
	name := r.string(keyJWTAudienceClaim)
	if name != AudClaim && name != ClientIDClaim {
		r.refuse(keyJWTAudienceClaim, AudClaim+" or "+ClientIDClaim, strconv.Quote(name))
	}
	return name
}

// claim returns a claim's value: a string or URI (RFC 7519, section 2, StringOrURI) without white space and control characters.
func (r *reader) claim(key string) string {
	text := r.string(key)
	for _, c := range text {
		if unicode.IsSpace(c) || !unicode.IsPrint(c) {
			r.refuse(key, "a text or URI without white space", strconv.Quote(text))
			break
		}
	}
	if strings.Contains(text, nesting) {
		r.refuse(key, "no "+nesting+", which a parameter cannot hold", strconv.Quote(text))
	}
	if len(text) > largestParameter {
		r.refuse(key, fmt.Sprintf("at most %d bytes", largestParameter), fmt.Sprintf("%d bytes", len(text)))
	}
	return text
}

// keySet returns the key set without white space. No message contains any of it: a private key that was set by mistake stays out of
// logs.
func (r *reader) keySet() string {
	text := r.string(keyJWTKeys)
	if text == "" {
		return ""
	}
	var set map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &set); err != nil {
		r.refuse(keyJWTKeys, `a JSON Web Key Set, such as {"keys":[…]}`, fmt.Sprintf("%d bytes that are no JSON object", len(text)))
		return ""
	}
	var keys []map[string]json.RawMessage
	if err := json.Unmarshal(set["keys"], &keys); err != nil || len(keys) == 0 {
		r.refuse(keyJWTKeys, "keys, a list of at least one key", "none")
		return ""
	}
	seen := map[string]bool{}
	for i, members := range keys {
		for _, fault := range checkPublicKey(members, seen) {
			r.refuse(keyJWTKeys, fault.allowed, fmt.Sprintf("key %d with %s", i+1, fault.got))
		}
	}
	// Other members of the set are dropped: the application uses the keys only.
	var compact bytes.Buffer
	compact.WriteString(`{"keys":`)
	// Compact fails on invalid JSON only, and the keys were parsed above.
	_ = json.Compact(&compact, set["keys"])
	compact.WriteByte('}')
	if bytes.Contains(compact.Bytes(), []byte(nesting)) {
		r.refuse(keyJWTKeys, "no "+nesting+", which a parameter cannot hold", "a key with it")
	}
	if compact.Len() > largestParameter {
		r.refuse(keyJWTKeys, fmt.Sprintf("at most %d bytes without white space, what a parameter holds", largestParameter),
			fmt.Sprintf("%d bytes", compact.Len()))
	}
	return compact.String()
}
