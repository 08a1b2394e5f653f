package controller

import (
	"reflect"
	"strings"
	"testing"
)

// complete is a configuration with every field set, each to its own key.
func complete(t testing.TB) Config {
	t.Helper()
	var c Config
	fields := reflect.ValueOf(&c).Elem()
	for i := range fields.NumField() {
		switch key, _, _ := strings.Cut(fields.Type().Field(i).Tag.Get("json"), ","); fields.Field(i).Kind() {
		case reflect.String:
			fields.Field(i).SetString(key)
		case reflect.Slice:
			fields.Field(i).Set(reflect.ValueOf([]string{key + "-1", key + "-2"}))
		default:
			t.Fatalf("field %s is a %s: the test does not know how to set it", key, fields.Field(i).Kind())
		}
	}
	return c
}

func TestRoundTrip(t *testing.T) {
	t.Run("what is written is read", func(t *testing.T) {
		want := complete(t)
		text, err := want.JSON()
		if err != nil {
			t.Fatal(err)
		}
		got, err := ParseConfig(text)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("ParseConfig(%s) = %+v, %v; want %+v", text, got, err, want)
		}
	})
}

func TestRequiredFields(t *testing.T) {
	fields, required := reflect.TypeFor[Config](), 0
	for i := range fields.NumField() {
		key, later, _ := strings.Cut(fields.Field(i).Tag.Get("json"), ",")
		if later == "" {
			required++
		}
		t.Run(key, func(t *testing.T) {
			lacking := complete(t)
			field := reflect.ValueOf(&lacking).Elem().Field(i)
			field.SetZero()
			text, err := lacking.JSON()
			if err == nil || !strings.HasSuffix(err.Error(), ": "+key+" is not set") {
				t.Errorf("writing it gives %q, %v; want an error that names %s alone", text, err, key)
			}
		})
	}
	_, err := ParseConfig("{}")
	if err == nil || strings.Count(err.Error(), "is not set") != required {
		t.Errorf("reading an empty document gives %v, want %d keys named at once", err, required)
	}
}

func TestParseConfig(t *testing.T) {
	good, err := complete(t).JSON()
	if err != nil {
		t.Fatal(err)
	}
	older := complete(t)
	older.NameServers, older.GlobalName, older.PrimaryName, older.StandbyName = nil, "", "", ""
	old, err := older.JSON()
	if err != nil || strings.Contains(old, "nameServers") {
		t.Fatalf("an older document is %s, %v", old, err)
	}
	tests := []struct{ name, text, wantErr string }{
		{"a newer deployment's has a key more, and is read", strings.Replace(good, "{", `{"newKey":1,`, 1), ""},
		{"an older deployment's names no name servers, and is read", old, ""},
		{"a list without a name server", strings.Replace(good, `["nameServers-1","nameServers-2"]`, "[]", 1), "nameServers is not set"},
		{"a name server without a name", strings.Replace(good, `"nameServers-2"`, `""`, 1), "nameServers has an empty name"},
		{"no document", "", "unexpected end of JSON input"},
		{"a document of another kind", "[]", "cannot unmarshal array"},
		{"a list without an alarm", strings.Replace(good, `["alarms-1","alarms-2"]`, "[]", 1), "alarms is not set"},
		{"an alarm without a name", strings.Replace(good, `"alarms-2"`, `""`, 1), "alarms has an empty name"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := ParseConfig(test.text)
			if test.wantErr == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), test.wantErr) || !strings.Contains(err.Error(), "a deployment of global-edge writes") {
				t.Errorf("the error is %v, want one with %q and with what to run", err, test.wantErr)
			}
		})
	}
}

func TestTaskJSON(t *testing.T) {
	t.Run("a task is an event", func(t *testing.T) {
		for task, want := range map[Task]string{TaskWatch: `{"task":"watch"}`, TaskValidate: `{"task":"validate"}`} {
			if got, err := task.JSON(); got != want || err != nil {
				t.Errorf("the event of %s is %s, %v; want %s", task, got, err, want)
			}
		}
	})
}

// FuzzParseConfig checks that a parsed configuration is complete, and equal when it is written and parsed again.
func FuzzParseConfig(f *testing.F) {
	good, err := complete(f).JSON()
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{
		good, strings.Replace(good, "nameServers", "other", 1), strings.ToUpper(good), "{}", "[]", `{"alarms":[""]}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		read, err := ParseConfig(text)
		if err != nil {
			return
		}
		again, err := read.JSON()
		if err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		if twice, err := ParseConfig(again); err != nil || !reflect.DeepEqual(twice, read) {
			t.Errorf("%+v reads %+v the second time, %v", read, twice, err)
		}
	})
}
