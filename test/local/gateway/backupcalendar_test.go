package gateway

import (
	"testing"
	"time"
)

func TestDueTimes(t *testing.T) {
	at := func(text string) time.Time {
		t.Helper()
		parsed, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return parsed
	}
	for _, test := range []struct {
		name, schedule, after, until string
		want                         []string
		refused                      bool
	}{
		{
			"one is due in a day", "cron(0 5 * * ? *)", "2026-03-01T04:00:00Z", "2026-03-02T04:00:00Z",
			[]string{"2026-03-01T05:00:00Z"}, false,
		},
		{
			"the end belongs to it, the beginning does not", "cron(0 5 * * ? *)", "2026-03-01T05:00:00Z", "2026-03-02T05:00:00Z",
			[]string{"2026-03-02T05:00:00Z"}, false,
		},
		{"none is due in an hour of the day", "cron(30 5 * * ? *)", "2026-03-01T06:00:00Z", "2026-03-01T07:00:00Z", nil, false},
		{
			"two are due in two days", "cron(30 23 * * ? *)", "2026-02-28T23:00:00Z", "2026-03-02T23:00:00Z",
			[]string{"2026-02-28T23:30:00Z", "2026-03-01T23:30:00Z"}, false,
		},
		{
			"a weekly one is due on its day alone", "cron(0 11 ? * SUN *)", "2026-02-28T00:00:00Z", "2026-03-09T00:00:00Z",
			[]string{"2026-03-01T11:00:00Z", "2026-03-08T11:00:00Z"}, false,
		},
		{"a weekly one was due before", "cron(0 11 ? * SUN *)", "2026-03-01T11:00:00Z", "2026-03-08T10:59:59Z", nil, false},
		{"two days of a week are not understood", "cron(0 11 ? * SUN,MON *)", "2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z", nil, true},
		{"a rate is not understood", "rate(1 day)", "2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z", nil, true},
		{"an hour that there is not is refused", "cron(0 24 * * ? *)", "2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z", nil, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := dueTimes(test.schedule, at(test.after), at(test.until))
			if (err != nil) != test.refused {
				t.Fatalf("the error is %v, want one: %t", err, test.refused)
			}
			if len(got) != len(test.want) {
				t.Fatalf("got %v, want %v", got, test.want)
			}
			for i, want := range test.want {
				if !got[i].Equal(at(want)) {
					t.Errorf("got %v, want %v", got, test.want)
				}
			}
		})
	}
}
