package settings

import (
	"bytes"
	"encoding/json"
	"fmt"
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
}

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
// an audience, is a mistake.
func (r *reader) tokens() Tokens {
	names := [...]string{keyJWTIssuer, keyJWTAudience, keyJWTKeys}
	set := 0
	for _, name := range names {
		if r.string(name) != "" {
			set++
		}
	}
	claim, prefix := r.audienceClaim(), r.claim(keyJWTScopePrefix)
	if set == 0 {
		return noTokens()
	}
	for _, name := range names {
		if r.string(name) == "" {
			r.refuse(name, "a value, because others of "+orList(names[:])+" have one; or all three empty, which admits nobody", "nothing")
		}
	}
	return Tokens{
		Issuer: r.claim(keyJWTIssuer), Audience: r.claim(keyJWTAudience), KeySet: r.keySet(), AudienceClaim: claim, ScopePrefix: prefix,
	}
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
