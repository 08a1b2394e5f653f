package gateway

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestJournal(t *testing.T) {
	echo := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		w.Header().Set("X-Amzn-Errortype", "Refused")
		w.WriteHeader(http.StatusBadRequest)
		if _, err := w.Write(append([]byte("answer to "), body...)); err != nil {
			t.Error(err)
		}
	})
	ask := func(j *journal, key string) string {
		request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/a%2Fb?c=d", strings.NewReader("question"))
		request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+key+"/20261129/us-east-1/sqs/aws4_request, SignedHeaders=host")
		answer := httptest.NewRecorder()
		j.of(echo, func(err error) { t.Error(err) }).ServeHTTP(answer, request)
		return answer.Body.String()
	}
	t.Run("none is kept unless its file is there", func(t *testing.T) {
		if j, err := openJournal(t.TempDir()); j != nil || err != nil {
			t.Errorf("got %v, %v", j, err)
		}
	})
	t.Run("a command's request is kept with its answer, and a function's is not", func(t *testing.T) {
		folder := t.TempDir()
		if err := os.WriteFile(filepath.Join(folder, Journal), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		j, err := openJournal(folder)
		if err != nil {
			t.Fatal(err)
		}
		for _, key := range []string{"test", "ASIAFUNCTION"} {
			if got := ask(j, key); got != "answer to question" {
				t.Errorf("%s is answered %q", key, got)
			}
		}
		content, err := os.ReadFile(filepath.Join(folder, Journal))
		if err != nil {
			t.Fatal(err)
		}
		var kept Exchange
		if lines := bytes.Count(content, []byte("\n")); lines != 1 {
			t.Fatalf("%d exchanges are kept, want that of the command: %s", lines, content)
		}
		if err := json.Unmarshal(content, &kept); err != nil {
			t.Fatal(err)
		}
		if kept.URI != "/a%2Fb?c=d" || string(kept.Body) != "question" || kept.Status != http.StatusBadRequest ||
			string(kept.Answer) != "answer to question" || kept.ErrorType != "Refused" || kept.Header["Authorization"] == "" {
			t.Errorf("kept is %+v", kept)
		}
	})
}
