package gateway

import (
	"encoding/xml"
	"io"
	"net/http"
	"reflect"
	"testing"
)

// The platform's topics deny what comes without TLS, to the root user, too: the gateway's own requests must not.
func TestEventsOfBackupsComeByTLS(t *testing.T) {
	proto := ""
	f := newFake(t, t.TempDir(), func(w http.ResponseWriter, r *http.Request) {
		proto = r.FormValue("Action") + " by " + r.Header.Get(protoHeader)
		io.WriteString(w, "<R/>")
	})
	if err := f.gateway.sendToTarget(t.Context(), "us-east-1", "arn:aws:sns:us-east-1:"+account+":notices", []byte("{}")); err != nil {
		t.Fatal(err)
	}
	if proto != "Publish by https" {
		t.Errorf("the topic gets a %s", proto)
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
