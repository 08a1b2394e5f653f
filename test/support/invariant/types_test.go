package invariant

import (
	"encoding/json"
	"os"
	"testing"
)

// The types that the stacks use are listed where the AWS plugin is built from source; a test there holds the list to the code.
func TestTypes(t *testing.T) {
	text, err := os.ReadFile("../../local/toolchain/cmd/pulumi-resource-aws/tokens.json")
	if err != nil {
		t.Fatal(err)
	}
	var mapped struct{ Resources map[string]string }
	if err := json.Unmarshal(text, &mapped); err != nil {
		t.Fatal(err)
	}
	for token := range mapped.Resources {
		if _, known := Types[token]; !known {
			t.Error(Unknown(token))
		}
	}
	for token := range Types {
		if mapped.Resources[token] == "" {
			t.Errorf("%s has a row, and no stack uses it: remove it", token)
		}
	}
}

func TestTypesEncryption(t *testing.T) {
	for token, row := range Types {
		if (len(row.Encrypted) == 0) != (row.Plain != "") {
			t.Errorf("%s has %d encryption options and the reason %q for none, want one of both", token, len(row.Encrypted), row.Plain)
		}
		if exposure, isForbidden := forbidden[token]; isForbidden {
			t.Errorf("%s has a row, and is forbidden: %s", token, exposure)
		}
	}
}
