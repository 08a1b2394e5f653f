package main

import "testing"

func TestEngineVariables(t *testing.T) {
	for _, test := range []struct {
		name string
		own  map[string]string // the user's variables
		want string            // of GOGC; empty: what the user has stays
	}{
		{"garbage is collected seldom", nil, "400"},
		{"what the user has chosen stays", map[string]string{"GOGC": "50"}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := &controller{settings: settings{lookup: func(name string) (string, bool) {
				value, set := test.own[name]
				return value, set
			}}}
			if got := c.engineVariables(); got["GOGC"] != test.want || got["PULUMI_DEBUG_COMMANDS"] != "true" {
				t.Errorf("the engine has the variables %v, want GOGC=%s and its debug commands", got, test.want)
			}
		})
	}
}
