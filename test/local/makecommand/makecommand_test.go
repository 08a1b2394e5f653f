package makecommand

import "testing"

func TestFor(t *testing.T) {
	for _, test := range []struct{ name, repeated, want string }{
		{"the default environment needs no variable", "", "make heal REGION=us-east-1"},
		{
			"another environment's variables are repeated", "ENV=local-two STATE='/a b' PORT=4567",
			"make heal ENV=local-two STATE='/a b' PORT=4567 REGION=us-east-1",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Setenv(repeated, test.repeated)
			if got := For("heal", "REGION=us-east-1"); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestPathsAreQuotedForAShell(t *testing.T) {
	for path, want := range map[string]string{
		"/srv/state": "/srv/state", "/srv/my state": "'/srv/my state'", "/srv/it's": `'/srv/it'\''s'`, "/srv/$HOME": "'/srv/$HOME'",
	} {
		if got := Quote(path); got != want {
			t.Errorf("%s is %s, want %s", path, got, want)
		}
	}
}
