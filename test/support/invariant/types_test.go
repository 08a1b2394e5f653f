package invariant

import (
	"encoding/json"
	"os"
	"testing"
)

// What the stacks use is listed where the AWS plugin is built from source, and a test there holds that list to their code.
func TestTheTableHasEveryTypeThatTheStacksUseAndNoOther(t *testing.T) {
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
			t.Errorf("%s has a row, and no stack uses it: take it out", token)
		}
	}
}

func TestEveryTypeOfTheTableSaysWhetherItIsEncrypted(t *testing.T) {
	for token, row := range Types {
		if (len(row.Encrypted) == 0) != (row.Plain != "") {
			t.Errorf("%s has %d ways of being encrypted and the reason %q not to be, want one of both", token, len(row.Encrypted), row.Plain)
		}
		if opens, is := forbidden[token]; is {
			t.Errorf("%s has a row, and is forbidden: %s", token, opens)
		}
	}
}
