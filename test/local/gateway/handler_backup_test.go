package gateway

import (
	"encoding/xml"
	"io"
	"net/http"
	"reflect"
	"testing"
)

// Events of AWS are marked, come by TLS, and answer which targets they went to; a client cannot mark its own.
func TestServiceEvents(t *testing.T) {
	got := ""
	f := newFake(t, t.TempDir(), func(w http.ResponseWriter, r *http.Request) {
		got = r.Header.Get(serviceEventHeader) + " by " + r.Header.Get(protoHeader)
		io.WriteString(w, `{"Targets":["arn:aws:lambda:us-west-2:`+account+`:function:f"]}`)
	})
	targets, err := f.gateway.deliver(t.Context(), "us-east-1", map[string]any{"source": "aws.backup"})
	if err != nil || len(targets) != 1 || !isFunction(targets[0]) {
		t.Errorf("the targets are %q, %v", targets, err)
	}
	if got != "yes by https" {
		t.Errorf("the emulator gets %q", got)
	}
	request := f.request(http.MethodPost, "/", "us-east-1", "events", "application/x-amz-json-1.1", "{}")
	request.Header.Set(targetHeader, "AWSEvents.PutEvents")
	request.Header.Set(serviceEventHeader, "yes")
	f.send(request)
	if got != " by https" {
		t.Errorf("of a client the emulator gets %q", got)
	}
}

func TestAVaultsPolicyDeniesToDeleteRecoveryPoints(t *testing.T) {
	for _, test := range []struct {
		name, policy string
		want         bool
	}{
		{
			"to everybody, by a list",
			`{"Statement":[{"Effect":"Deny","Principal":{"AWS":["*"]},"Action":["backup:UpdateRecoveryPointLifecycle","backup:DeleteRecoveryPoint"]}]}`,
			true,
		},
		{"to everybody, by one string", `{"Statement":[{"Effect":"Deny","Principal":{"AWS":"*"},"Action":"backup:DeleteRecoveryPoint"}]}`, true},
		{"by the second statement", `{"Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"backup:DeleteRecoveryPoint"},` +
			`{"Effect":"Deny","Principal":{"AWS":"*"},"Action":"backup:DeleteRecoveryPoint"}]}`, true},
		{"not where it allows them", `{"Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"backup:DeleteRecoveryPoint"}]}`, false},
		{
			"not where it denies another action", `{"Statement":[{"Effect":"Deny","Principal":{"AWS":"*"},"Action":"backup:DeleteBackupVault"}]}`,
			false,
		},
		{"not where it denies one principal", `{"Statement":[{"Effect":"Deny","Principal":{"AWS":"arn:aws:iam::111122223333:root"},` +
			`"Action":"backup:DeleteRecoveryPoint"}]}`, false},
		{"not where there is none", "", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := (vaultGuards{Policy: test.policy}).deniesDelete(); got != test.want {
				t.Errorf("got %t, want %t", got, test.want)
			}
		})
	}
}

func TestMarkersAboveAVersion(t *testing.T) {
	version := func(id string) objectVersion {
		return objectVersion{VersionID: id, XMLName: xml.Name{Local: "Version"}}
	}
	marker := func(id string) objectVersion {
		return objectVersion{VersionID: id, XMLName: xml.Name{Local: "DeleteMarker"}}
	}
	for _, test := range []struct {
		name     string
		versions []objectVersion // the newest first
		want     []objectVersion
		ok       bool
	}{
		{"a version that is the current one has none", []objectVersion{version("v"), version("older")}, nil, true},
		{"a deleted object has one", []objectVersion{marker("m"), version("v")}, []objectVersion{marker("m")}, true},
		{
			"one that was deleted twice has two", []objectVersion{marker("n"), marker("m"), version("v")}, []objectVersion{marker("n"), marker("m")},
			true,
		},
		{"an overwritten object is another case", []objectVersion{version("w"), version("v")}, nil, false},
		{"and one that was deleted after that", []objectVersion{marker("m"), version("w"), version("v")}, nil, false},
		{"a version that expired is gone", []objectVersion{marker("m")}, nil, false},
		{"a marker of the version's id is no version", []objectVersion{marker("v")}, nil, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, ok := markersAbove(test.versions, "v")
			if ok != test.ok || !reflect.DeepEqual(got, test.want) {
				t.Errorf("got %v and %t, want %v and %t", got, ok, test.want, test.ok)
			}
		})
	}
}
