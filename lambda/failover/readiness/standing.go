package readiness

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"warmstandby/lambda/failover/aurora"
	"warmstandby/lambda/failover/config"
	"warmstandby/lambda/failover/decision"
	"warmstandby/lambda/failover/evidence"
)

// Standing are the checks that need nothing but what each watch finds out.
func Standing(c config.Config, found evidence.Found, now time.Time) []Check {
	return []Check{
		NewCheck("writer", "in "+c.PrimaryRegion, elsewhere(c, found)),
		NewCheck("standby", "its application answers, its DB cluster and an instance are available", ill(found)),
		NewCheck("engine versions", found.Standby.EngineVersion+" in both regions", differing(found)),
		younger("replication", "the newest data that has arrived", now, found.Replication.Through, decision.RPO, Unmeasured(found)),
		younger("events", "the last heartbeat", now, found.Heartbeat.At, decision.RPO, unheard(found)),
	}
}

func elsewhere(c config.Config, found evidence.Found) error {
	region := found.WriterRegion()
	switch err := found.Unknown[evidence.AskGlobal]; {
	case errors.Is(err, aurora.ErrNotFound):
		return err
	case err != nil:
		return NotKnown(err)
	case region == "":
		return fmt.Errorf("it is on its way, or RDS names none: the database is %s", found.Global.Status)
	case region != c.PrimaryRegion:
		return fmt.Errorf("in %s: there is no standby that could take over", region)
	}
	return nil
}

func ill(found evidence.Found) error {
	standby := found.StandbyHealth()
	if len(standby.Faults) > 0 {
		return errors.New(strings.Join(standby.Faults, "; "))
	}
	if !standby.Known {
		return NotKnown(errors.New("not known: " + found.Questions()))
	}
	return nil
}

func differing(found evidence.Found) error {
	differ, known := found.VersionsDiffer()
	if known && differ {
		return fmt.Errorf("%s in the standby, %s at the writer", found.Standby.EngineVersion, found.Global.EngineVersion)
	}
	if !known {
		return NotKnown(errors.New("not known: " + found.Questions()))
	}
	return nil
}

// Unmeasured returns why it is not known how far replication has come, nil when it is known.
func Unmeasured(found evidence.Found) error {
	switch err := found.Unknown[evidence.AskReplication]; {
	case err != nil:
		return NotKnown(err)
	case !found.Replication.Known:
		return NotKnown(errors.New("CloudWatch has no measurement"))
	}
	return nil
}

func unheard(found evidence.Found) error {
	switch err := found.Unknown[evidence.AskHeartbeat]; {
	case err != nil:
		return NotKnown(err)
	case !found.Heartbeat.Known:
		return errors.New("none has ever arrived")
	}
	return nil
}

// unanswered is why a question had no answer.
type unanswered struct{ error }

func (u unanswered) Unwrap() error { return u.error }

// NotKnown marks an error of a check as one that says nothing of what was checked: the question had no answer.
func NotKnown(err error) error { return unanswered{err} }

// NewCheck returns the check that an error fails, and that is good with no error, when it says what was found.
func NewCheck(name, says string, err error) Check {
	if err != nil {
		open := unanswered{}
		return Check{Name: name, Says: err.Error(), Unknown: errors.As(err, &open)}
	}
	return Check{Name: name, Good: true, Says: says}
}

// younger checks that what was sent at a moment is not older than the promise.
func younger(name, what string, now, at time.Time, promise time.Duration, err error) Check {
	age := now.Sub(at).Round(time.Second)
	made := NewCheck(name, fmt.Sprintf("%s is %s old, the promise is %s", what, age, promise), err)
	made.Good = made.Good && age <= promise
	return made
}
