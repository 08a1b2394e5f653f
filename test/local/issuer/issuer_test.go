package issuer

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

func open(t *testing.T, state string) *Issuer {
	t.Helper()
	issuer, err := Open(state)
	if err != nil {
		t.Fatal(err)
	}
	return issuer
}

func keySet(t *testing.T, issuer *Issuer) string {
	t.Helper()
	text, err := issuer.KeySet()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestATokenIsVerifiedByTheKeySet(t *testing.T) {
	issuer, now := open(t, t.TempDir()), time.Unix(1_700_000_000, 0)
	token, err := issuer.Token("records:read records:write", "clinic-a", now)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := jwt.ParseSigned(token, []jose.SignatureAlgorithm{jose.ES256})
	if err != nil {
		t.Fatal(err)
	}
	var set jose.JSONWebKeySet
	if err := json.Unmarshal([]byte(keySet(t, issuer)), &set); err != nil {
		t.Fatal(err)
	}
	if len(set.Keys) != 1 || !set.Keys[0].IsPublic() || set.Keys[0].KeyID != parsed.Headers[0].KeyID {
		t.Fatalf("the key set is %+v, want the public key of %q", set, parsed.Headers[0].KeyID)
	}
	var claims jwt.Claims
	var scope struct {
		Scope  string `json:"scope"`
		Tenant string `json:"tenant"`
	}
	if err := parsed.Claims(set.Keys[0], &claims, &scope); err != nil {
		t.Fatal(err)
	}
	expected := jwt.Expected{Issuer: Name, Subject: Subject, AnyAudience: jwt.Audience{Audience}, Time: now.Add(Lifetime - time.Second)}
	if err := claims.ValidateWithLeeway(expected, 0); err != nil {
		t.Errorf("a second before its end the token is refused: %v", err)
	}
	expected.Time = now.Add(Lifetime + time.Second)
	if err := claims.ValidateWithLeeway(expected, 0); err == nil {
		t.Error("a second after its end the token is admitted")
	}
	if scope.Scope != "records:read records:write" || scope.Tenant != "clinic-a" {
		t.Errorf("the scopes are %q, of tenant %q", scope.Scope, scope.Tenant)
	}
}

func TestTheKeySetIsWhatConfigurationTakes(t *testing.T) {
	text := keySet(t, open(t, t.TempDir()))
	if strings.ContainsAny(text, " \n\t") || strings.Contains(text, `"d"`) {
		t.Errorf("the key set %s has white space or a private part", text)
	}
}

func TestTheKeyIsKeptAndIsTheStatesOwn(t *testing.T) {
	state := t.TempDir()
	first := keySet(t, open(t, state))
	if again := keySet(t, open(t, state)); again != first {
		t.Errorf("the second time the key set is %s, was %s", again, first)
	}
	if other := keySet(t, open(t, t.TempDir())); other == first {
		t.Error("two environments have the same key")
	}
	entries, err := os.ReadDir(filepath.Join(state, "issuer"))
	if err != nil || len(entries) != 1 {
		t.Fatalf("the folder has %v, %v; want the key alone", entries, err)
	}
	if info, err := entries[0].Info(); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key's mode is %v, %v; want 0600", info.Mode(), err)
	}
}

func TestAllThatOpenItAtOnceGetTheSameKey(t *testing.T) {
	const openers = 16
	state, sets := t.TempDir(), make([]string, openers)
	var all sync.WaitGroup
	for i := range openers {
		all.Go(func() {
			issuer, err := Open(state)
			if err != nil {
				t.Error(err)
				return
			}
			sets[i], err = issuer.KeySet()
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for _, set := range sets {
		if set != sets[0] {
			t.Fatalf("the key sets are %q", sets)
		}
	}
}

func TestAKeyThatCannotBeUsedIsRefused(t *testing.T) {
	for _, test := range []struct {
		name, text string
		mode       os.FileMode
		says       string
	}{
		{"one that others may read", "{}", 0o644, "may be read by others"},
		{"one that is none", "{}", 0o600, "delete it"},
		{"half of one", `{"kty":"EC","crv":"P-`, 0o600, "delete it"},
		{
			"a public one",
			`{"kty":"EC","crv":"P-256","kid":"1","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}`,
			0o600, "no private key",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			state := t.TempDir()
			file := filepath.Join(state, "issuer", "key.json")
			if err := os.Mkdir(filepath.Dir(file), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, []byte(test.text), test.mode); err != nil {
				t.Fatal(err)
			}
			if _, err := Open(state); err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("the error is %v, want one that says %q", err, test.says)
			}
		})
	}
}
