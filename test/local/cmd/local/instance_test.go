package main

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"warmstandby/test/local/emulator/instance"
)

func TestStatusOfAFolderWhereNothingRan(t *testing.T) {
	folder := t.TempDir()
	var out, faults strings.Builder
	var status exitStatus
	if err := runStatus(t.Context(), []string{"--state", folder}, &out, &faults); !errors.As(err, &status) || status != exitDown {
		t.Errorf("ended with %v, want exit status %d", err, exitDown)
	}
	for _, want := range []string{"down", folder, "gateway.log", "emulator.log"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("says %q, want %s in it", out.String(), want)
		}
	}
	out.Reset()
	if err := runStatus(t.Context(), []string{"--state", folder, "--json"}, &out, &faults); !errors.As(err, &status) {
		t.Errorf("ended with %v, want an exit status", err)
	}
	var got instance.Status
	if err := json.Unmarshal([]byte(out.String()), &got); err != nil || got.State != instance.StateDown || got.StateDir != folder {
		t.Errorf("prints %s, %v; want it down in %s", out.String(), err, folder)
	}
}

func TestDownWhereNothingRanSaysSo(t *testing.T) {
	var out, faults strings.Builder
	if err := runDown(
		t.Context(), []string{"--state", t.TempDir()}, &out, &faults,
	); err != nil || out.String() != "the local AWS emulator was down\n" {
		t.Errorf("says %q, %v", out.String(), err)
	}
}

func TestAnInstanceCalledWronglyIsRefused(t *testing.T) {
	for name, args := range map[string][]string{
		"a port that is no number":   {"--port", "http"},
		"a port that is too large":   {"--port", "65536"},
		"a port below none":          {"--port", "-1"},
		"an argument without a flag": {"4566"},
	} {
		var out, faults strings.Builder
		if err := runUp(t.Context(), append([]string{"--state", t.TempDir()}, args...), &out, &faults); err == nil || out.Len() > 0 {
			t.Errorf("%s: %v, printed %q; want an error and nothing printed", name, err, out.String())
		}
	}
}

func TestTheStatusOfOneThatIsUpSaysHowToAskItsDNS(t *testing.T) {
	for dns, want := range map[string]bool{"127.0.0.1:5353": true, "": false} {
		var out strings.Builder
		if err := printStatus(&out, instance.Status{State: instance.StateUp, DNS: dns}); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(out.String(), "dig @127.0.0.1 -p 5353 NAME") != want {
			t.Errorf("with DNS at %q it says %q", dns, out.String())
		}
	}
}
