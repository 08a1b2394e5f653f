package main

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"warmstandby/shared/naming"
)

var update = flag.Bool("update", false, "write the documents of the environment dev anew")

// dev is the environment of the documents in the tree. AWS reserves the account for documentation.
var dev = environment{
	account: "111122223333", name: "dev", suffix: "dev", primary: "us-east-1", standby: "us-west-2", state: "pulumi-state-111122223333",
	repository: "example/warmstandby", admission: "dev",
}

func TestDocumentsInTheTree(t *testing.T) {
	var names []string
	for _, document := range dev.documents() {
		names = append(names, document.name+".json")
		t.Run(document.name+".json is what this source makes", func(t *testing.T) {
			path := filepath.Join("dev", document.name+".json")
			made, err := document.text()
			if err != nil {
				t.Fatal(err)
			}
			if *update {
				if err := os.WriteFile(path, made, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if stands, err := os.ReadFile(path); err != nil || !bytes.Equal(stands, made) {
				t.Errorf("%s (%v) is another: run `go test ./stacks/policies -update`", path, err)
			}
		})
	}
	t.Run("the tree has no other", func(t *testing.T) {
		entries, err := os.ReadDir("dev")
		if err != nil || len(entries) != len(names) {
			t.Errorf("dev has %v (%v), want %v", entries, err, names)
		}
	})
}

// IAM's bounds of a managed policy and of a role (IAM User Guide, "IAM and AWS STS quotas").
const (
	mostCharacters = 6144
	mostTrust      = 2048
	mostPolicies   = 10
)

func TestSizes(t *testing.T) {
	long := strings.Repeat("a", naming.MaxSuffixLength)
	longest := environment{
		account: "111122223333", name: strings.Repeat("e", 100), suffix: long, primary: "ap-southeast-1", standby: "ap-southeast-2",
		state: strings.Repeat("b", 63), repository: strings.Repeat("o", 39) + "/" + strings.Repeat("r", 100), admission: strings.Repeat("a", 255),
	}
	for _, e := range []environment{dev, longest} {
		documents := e.documents()
		if len(documents)-1 > mostPolicies { // One is a trust policy.
			t.Errorf("CI's role has %d policies, at most %d are allowed", len(documents), mostPolicies)
		}
		for _, document := range documents {
			t.Run(document.name+" of "+e.suffix+" is within IAM's bound", func(t *testing.T) {
				text, err := document.text()
				if err != nil {
					t.Fatal(err)
				}
				counted := strings.Map(func(r rune) rune {
					if unicode.IsSpace(r) {
						return -1
					}
					return r
				}, string(text))
				most := mostCharacters
				if document.name == "ci-trust" {
					most = mostTrust
				}
				if len(counted) > most {
					t.Errorf("it has %d characters without white space, at most %d are allowed", len(counted), most)
				}
			})
		}
	}
}

func TestRun(t *testing.T) {
	arguments := func(changed ...string) []string {
		return append([]string{
			"-account", "444455556666", "-environment", "staging", "-state", "state", "-repository", "example/warmstandby",
			"-admission", "staging", "-folder", filepath.Join(t.TempDir(), "staging"),
		}, changed...)
	}
	t.Run("it writes each document of the environment", func(t *testing.T) {
		args := arguments("-suffix", "blue")
		if err := run(args, io.Discard); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(filepath.Join(args[11], "deployer-data.json"))
		for _, part := range []string{"cluster:aurora-*-blue", `"staging"`, "bucket-*-444455556666-blue"} {
			if err != nil || !strings.Contains(string(text), part) {
				t.Errorf("the document has no %s (%v)", part, err)
			}
		}
	})
	t.Run("the environments of CI, which count, have one set", func(t *testing.T) {
		if err := run(arguments("-environment", "dev-*"), io.Discard); err != nil {
			t.Error(err)
		}
	})
	for name, wrong := range map[string][]string{
		"an account that is no number":       {"-account", "*"},
		"an environment of everything":       {"-environment", "*"},
		"a wildcard inside a suffix":         {"-suffix", "a*b"},
		"a region that is none":              {"-standby", "west"},
		"a bucket of everything":             {"-state", "*"},
		"a repository of everybody":          {"-repository", "*/*"},
		"any admission":                      {"-admission", "*"},
		"no folder":                          {"-folder", ""},
		"an argument that is not understood": {"-color", "blue"},
	} {
		t.Run(name+" is refused", func(t *testing.T) {
			if err := run(arguments(wrong...), io.Discard); err == nil {
				t.Errorf("%q was taken", wrong)
			}
		})
	}
}
