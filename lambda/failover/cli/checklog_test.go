package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestCheckLog(t *testing.T) {
	request := `{"time":"2026-03-01T12:00:00Z","level":"INFO","msg":"request to RDS","run":"1","action":"failover","target":"arn"}` + "\n"
	notice := `{"time":"2026-03-01T12:00:00Z","level":"INFO","msg":"notice accepted","run":"1","subject":"[prod] all is well again"}` + "\n"
	file := filepath.Join(t.TempDir(), "log")
	if err := os.WriteFile(file, []byte("START RequestId: 1\n"+notice), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		args            []string
		stdin           string
		code            int
		output, message string
	}{
		"a log that breaks no rule":                {[]string{file}, "", OK, "1 events, 0 violations", ""},
		"a log that breaks a rule, from a pipe":    {[]string{"-"}, request, Refused, "no request without a saved intent", ""},
		"a log without an event of the controller": {[]string{"-"}, "REPORT\n", Unknown, "", "give the lines of its log group"},
		"an event that cannot be read":             {[]string{"-"}, strings.Replace(request, `"arn"`, "7", 1), Unknown, "", "line 1"},
		"a file that is not there":                 {[]string{file + "x"}, "", Unknown, "", "opening the log"},
		"no file":                                  {nil, "", Usage, "", "check-log FILE|-"},
		"a flag":                                   {[]string{"--json"}, "", Usage, "", "check-log FILE|-"},
	} {
		t.Run(name, func(t *testing.T) {
			var stdout, stderr strings.Builder
			code := checkLog(test.args, strings.NewReader(test.stdin), &stdout, &stderr)
			if code != test.code || !strings.Contains(stdout.String(), test.output) || !strings.Contains(stderr.String(), test.message) {
				t.Errorf("exit code %d, stdout %q, stderr %q", code, stdout.String(), stderr.String())
			}
		})
	}
	t.Run("the command line has it", func(t *testing.T) {
		var stdout, stderr strings.Builder
		if code := Main(t.Context(), []string{"check-log", file}, "test", nil, &stdout, &stderr); code != OK {
			t.Errorf("exit code %d: %s", code, stderr.String())
		}
		if Main(t.Context(), nil, "test", nil, &stdout, &stderr); !strings.Contains(stderr.String(), checkLogUsage) {
			t.Errorf("the help is %s", stderr.String())
		}
	})
}
