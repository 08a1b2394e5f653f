package gateway

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// asked is what an emulator got of a call.
type asked struct{ judge, authorization, token, body, proto string }

// newJudging starts a gateway whose emulator refuses or allows what it only judges, and keeps what it got.
func newJudging(t *testing.T, allowed bool) (*fake, *[]asked) {
	t.Helper()
	got := new([]asked)
	return newFake(t, t.TempDir(), func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		*got = append(*got, asked{
			r.Header.Get(judgeHeader), r.Header.Get("Authorization"), r.Header.Get(sessionToken), string(body), r.Header.Get(protoHeader),
		})
		switch {
		case r.Header.Get(judgeHeader) == "":
			io.WriteString(w, `{"Name":"records"}`)
		case allowed:
			w.WriteHeader(http.StatusNoContent)
		default:
			w.WriteHeader(http.StatusBadRequest)
			io.WriteString(w, `{"__type":"AccessDeniedException"}`)
		}
	}), got
}

// describeBus asks for a bus, which a handler completes, as whoever has a key.
func describeBus(f *fake, key string) (status int, body string) {
	f.t.Helper()
	request := f.request(http.MethodPost, "/", "us-east-1", "events", "application/x-amz-json-1.1", `{"Name":"records"}`)
	request.Header.Set(targetHeader, "AWSEvents.DescribeEventBus")
	request.Header.Set("Authorization", strings.Replace(request.Header.Get("Authorization"), "Credential=test/", "Credential="+key+"/", 1))
	request.Header.Set(sessionToken, "token")
	request.Header.Set(judgeHeader, "by the client")
	return f.send(request)
}

func TestJudge(t *testing.T) {
	t.Run("a refused call reaches no handler", func(t *testing.T) {
		f, got := newJudging(t, false)
		if status, body := describeBus(f, "ASIA1"); status != http.StatusBadRequest || !strings.Contains(body, "AccessDeniedException") {
			t.Errorf("answered %d %s, want the emulator's refusal", status, body)
		}
		if len(*got) != 1 {
			t.Errorf("the emulator got %+v, want the question alone", *got)
		}
	})
	t.Run("an allowed call is asked about as it was sent, and then the gateway's own", func(t *testing.T) {
		f, got := newJudging(t, true)
		if status, body := describeBus(f, "ASIA1"); status != http.StatusOK || !strings.Contains(body, "records") {
			t.Errorf("answered %d %s", status, body)
		}
		if len(*got) != 2 {
			t.Fatalf("the emulator got %+v, want the question and the call", *got)
		}
		question, call := (*got)[0], (*got)[1]
		if question.judge == "" || !strings.Contains(question.authorization, "Credential=ASIA1/") || question.token != "token" ||
			question.body != `{"Name":"records"}` || question.proto != "https" {
			t.Errorf("the question is %+v", question)
		}
		if call.judge != "" || !strings.Contains(call.authorization, "Credential=test/") || call.token != "" || call.body != question.body {
			t.Errorf("the call is %+v", call)
		}
	})
	t.Run("the administrator is not asked about", func(t *testing.T) {
		for _, key := range []string{"test", "000000000000"} {
			f, got := newJudging(t, false)
			if status, _ := describeBus(f, key); status != http.StatusOK || len(*got) != 1 || (*got)[0].judge != "" {
				t.Errorf("with the key %s: %d, %+v", key, status, *got)
			}
		}
	})
	t.Run("a call that is passed on keeps its signature, and a client's own header is dropped", func(t *testing.T) {
		f, got := newJudging(t, false)
		request := f.request(http.MethodPost, "/", "us-east-1", "events", "application/x-amz-json-1.1", `{}`)
		request.Header.Set(targetHeader, "AWSEvents.PutEvents")
		request.Header.Set("Authorization", strings.Replace(request.Header.Get("Authorization"), "Credential=test/", "Credential=ASIA1/", 1))
		request.Header.Set(judgeHeader, "by the client")
		f.send(request)
		if len(*got) != 1 || (*got)[0].judge != "" || !strings.Contains((*got)[0].authorization, "Credential=ASIA1/") {
			t.Errorf("the emulator got %+v", *got)
		}
	})
}
