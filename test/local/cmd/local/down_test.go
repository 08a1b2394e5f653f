package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"warmstandby/test/local/emulator/instance"
)

// TestDownFindsAnEmulatorWhoseStateWasDeleted plays an emulator that still answers on its port.
func TestDownFindsAnEmulatorWhoseStateWasDeleted(t *testing.T) {
	folder := t.TempDir()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if err := json.NewEncoder(w).Encode(instance.Record{StateDir: folder, GatewayPID: 4711}); err != nil {
			t.Error(err)
		}
	}))
	defer server.Close()
	port := server.URL[strings.LastIndex(server.URL, ":")+1:]
	var out, faults strings.Builder
	err := runDown(t.Context(), []string{"--state", folder, "--port", port}, &out, &faults)
	if err == nil || !strings.Contains(err.Error(), "kill 4711") || out.Len() > 0 {
		t.Errorf("says %q, %v; want how to end process 4711", out.String(), err)
	}
}
