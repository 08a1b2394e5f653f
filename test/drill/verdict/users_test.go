package verdict

import (
	"testing"
	"time"

	"warmstandby/test/drill/evidence"
	"warmstandby/test/drill/scenario"
)

// userWrites adds a write a second of a user, good or not.
func (r *recording) userWrites(user evidence.User, from, to float64, region string, status int) {
	if r.OtherUsers == nil {
		r.OtherUsers = map[evidence.User][]evidence.Attempt{}
	}
	for seconds := from; seconds < to; seconds++ {
		number := 1_000_000*len(user) + len(r.OtherUsers[user])
		r.OtherUsers[user] = append(r.OtherUsers[user], evidence.Attempt{
			At: secondsAfterFault(seconds), Duration: 20 * time.Millisecond, Kind: evidence.Write, Number: number, Try: 1,
			Region: region, Status: status,
		})
		if status == 201 {
			r.Rows.Records[number] = 1
			r.Arrivals[number] = secondsAfterFault(seconds + 1)
		}
	}
}

func TestOtherUsers(t *testing.T) {
	s, r := passingRecording("region-lost")
	r.userWrites(evidence.KeepsAddress, -40, 0, east, 201)
	r.userWrites(evidence.KeepsAddress, 0, 280, east, 0)
	r.userWrites(evidence.KeepsAddress, 280, 900, west, 201)
	plain := Of(s, r.Evidence)
	if len(plain.Users) != 1 || plain.Verdict != Pass {
		t.Fatalf("%s with the users %+v, want %s with one: no bound is on a user's own caching", plain.Verdict, plain.Users, Pass)
	}
	got := plain.Users[0]
	if got.User != evidence.KeepsAddress || got.Numbers != 940 || got.Acked != 660 || got.Bad != 280 || got.LostRows != 0 {
		t.Errorf("counted %+v", got)
	}
	if got.Outage < 279 || got.Outage > 282 || got.Moved == nil || *got.Moved != 280 {
		t.Errorf("without a good write and moved as %+v, want after 280 s both", got)
	}
	t.Run("a user without a good write until the load ends", func(t *testing.T) {
		s, r := passingRecording("region-lost")
		r.userWrites(evidence.KeepsAddress, -40, 0, east, 201)
		r.userWrites(evidence.KeepsAddress, 0, 100, east, 0)
		if got := Of(s, r.Evidence).Users; len(got) != 1 || got[0].Outage != 900 || got[0].Moved != nil {
			t.Errorf("the users are %+v, want one without a good write for 900 s that never moved", got)
		}
	})
	for _, test := range []struct {
		name, scenario string
		arrived        bool
		verdict        Verdict
		message        string
	}{
		{"a row that had reached the standby", "region-lost", true, Fail, "acknowledged to the user who keeps its connection"},
		{"a row that had not", "region-lost", false, Pass, ""},
		{"a row where nothing may be lost", "app-lost", false, Fail, "none may be: "},
		{"a row where nothing moves", "isolated", false, Fail, "none may be: "},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, r := passingRecording(test.scenario)
			r.userWrites(evidence.KeepsConnection, -40, 0, east, 201)
			lost := r.OtherUsers[evidence.KeepsConnection][39]
			delete(r.Rows.Records, lost.Number)
			if !test.arrived {
				delete(r.Arrivals, lost.Number)
			}
			result := Of(s, r.Evidence)
			assertVerdict(t, result, test.verdict, test.message)
			if len(result.Users) != 1 || result.Users[0].LostRows != 1 {
				t.Errorf("the users are %+v, want one with a lost row", result.Users)
			}
		})
	}
}

func TestPauseOfCommits(t *testing.T) {
	for _, test := range []struct {
		name    string
		changes func(*recording)
		verdict Verdict
		message string
	}{
		{"at the RPO, with advice in time", func(*recording) {}, Pass, ""},
		{"never", func(r *recording) { r.writes(200, 300, east, 201) }, Fail, "Commits never paused"},
		{"before the RPO", func(r *recording) { r.RPOSeconds = 300 }, Fail, "Commits paused 3m20s after the fault, although"},
		{"long after the RPO", func(r *recording) { r.RPOSeconds = 100 }, Fail, "what a failover then loses is more"},
		{"without advice", func(r *recording) { r.Observations[evidence.RPOAdvice] = r.Observations[evidence.RPOAdvice][:1] }, Fail, "No advice"},
		{"with advice that comes too late", func(r *recording) { r.Observations[evidence.RPOAdvice][1].At = secondsAfterFault(325) }, Fail,
			"came 2m5"},
		{"of an RPO that was not read", func(r *recording) { r.RPOSeconds = 0 }, Inconclusive, "was not read, or is off"},
		{"and the controller moves the writer", func(r *recording) {
			r.see(evidence.Writer, 250, west)
			r.Moves = []evidence.Move{{Action: "failover", By: "controller", To: west, Begun: secondsAfterFault(245)}}
		}, Fail, "The journal has a failover to us-west-2"},
		{"and an acknowledged row is lost", func(r *recording) { r.lose(1, 190) }, Fail, "1 acknowledged rows are lost, none may be"},
		{"and writes stay bad after it was healed", func(r *recording) { r.spoil(300, 500) }, Fail, "No write was good for"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, r := passingRecording("replication-stalled")
			test.changes(r)
			result := Of(s, r.Evidence)
			assertVerdict(t, result, test.verdict, test.message)
		})
	}
	t.Run("the time to the advice is a figure", func(t *testing.T) {
		s, r := passingRecording("replication-stalled")
		if got := Of(s, r.Evidence).Advice; got == nil || *got < 59 || *got > 61 {
			t.Errorf("the advice came after %v s, want 60", got)
		}
	})
	t.Run("the name may not move where no commit waits", func(t *testing.T) {
		s, r := passingRecording("isolated")
		r.see(evidence.Answer, 70, west)
		if result := Of(s, r.Evidence); result.Verdict != Fail {
			t.Errorf("%s, want %s", result.Verdict, Fail)
		}
	})
	t.Run("no scenario but the one has commits pause", func(t *testing.T) {
		for _, s := range scenario.All() {
			if s.Expectations.CommitsPause != (s.Fault == scenario.ReplicationStalled) {
				t.Errorf("%s expects that commits pause: %t", s.Name, s.Expectations.CommitsPause)
			}
		}
	})
}
