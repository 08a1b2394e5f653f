package verdict

import (
	"warmstandby/test/drill/evidence"
	"warmstandby/test/drill/scenario"
)

// UserResult is what a kind of user beside the client met. No bound is on its times: how long it is led to the wrong region is its
// own doing. What was acknowledged to it must be there, as everybody's.
type UserResult struct {
	User evidence.User `json:"user"`
	// Numbers were written, Acked of them acknowledged; Bad counts attempts that failed.
	Numbers, Acked, Bad int
	// Outage is the longest time without a good write after the fault, in seconds.
	Outage float64 `json:"outageSeconds"`
	// Moved is when it first went to the standby region, in seconds after the fault; null when it never did.
	Moved *float64 `json:"movedSeconds"`
	// LostRows were acknowledged to it and are not there.
	LostRows int `json:"lostRows"`
}

// checkUsers counts what each other kind of user met, and holds what was acknowledged to it to the same bound as the rest.
func (j *judge) checkUsers() {
	if len(j.OtherUsers) == 0 {
		j.skip("no other user wrote")
		return
	}
	for _, user := range evidence.Users {
		attempts := byEnd(j.OtherUsers[user])
		if len(attempts) == 0 {
			continue
		}
		result := UserResult{User: user}
		numbers, acked := map[int]bool{}, map[int]bool{}
		var acknowledged []evidence.Attempt // good writes, one a number
		for _, a := range attempts {
			if a.Kind != evidence.Write {
				continue
			}
			numbers[a.Number] = true
			if !j.faultTime.IsZero() && a.Region == j.Standby && a.At.After(j.faultTime) && result.Moved == nil {
				result.Moved = new(a.At.Sub(j.faultTime).Seconds())
			}
			if !a.Good() {
				result.Bad++
				continue
			}
			if !acked[a.Number] {
				acked[a.Number] = true
				acknowledged = append(acknowledged, a)
			}
		}
		lost, hadArrived := j.lost(acknowledged)
		result.Numbers, result.Acked, result.LostRows = len(numbers), len(acknowledged), len(lost)
		if !j.faultTime.IsZero() {
			result.Outage = longestGap(acknowledged, j.faultTime, j.markedOrEnd(evidence.LoadEnded)).Seconds()
		}
		j.result.Users = append(j.result.Users, result)
		if !j.Rows.Counted || len(lost) == 0 {
			continue
		}
		switch {
		case j.Expectations.AllowedLoss != scenario.UnreplicatedLoss:
			j.fail("%d rows are lost that were acknowledged to the user who %s, none may be: %s.", len(lost), user, formatNumbers(lost))
		case len(hadArrived) > 0:
			j.fail("%d rows are lost that were acknowledged to the user who %s although they had reached %s: %s.",
				len(hadArrived), user, j.Standby, formatNumbers(hadArrived))
		}
	}
}
