package readiness

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"warmstandby/lambda/failover/config"
	"warmstandby/lambda/failover/decision"
	"warmstandby/lambda/failover/evidence"
)

// Standing are the checks that need nothing but what each watch finds out.
func Standing(c config.Config, found evidence.Found, now time.Time) []Check {
	return []Check{
		check("writer", "in "+c.PrimaryRegion, elsewhere(c, found)),
		check("standby", "its application answers, its DB cluster and an instance are available", ill(found)),
		check("engine versions", found.Standby.EngineVersion+" in both regions", differing(found)),
		younger("replication", "the newest data that has arrived", now, found.Replication.Through, decision.RPO,
			unless(found.Replication.Known, found.Unknown[evidence.AskReplication], "CloudWatch has no measurement")),
		younger("events", "the last heartbeat", now, found.Heartbeat.At, decision.RPO,
			unless(found.Heartbeat.Known, found.Unknown[evidence.AskHeartbeat], "none has ever arrived")),
	}
}

func elsewhere(c config.Config, found evidence.Found) error {
	region := found.WriterRegion()
	switch {
	case found.Unknown[evidence.AskGlobal] != nil:
		return found.Unknown[evidence.AskGlobal]
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
	return unless(standby.Known, nil, "not known: "+found.Questions())
}

func differing(found evidence.Found) error {
	differ, known := found.VersionsDiffer()
	if known && differ {
		return fmt.Errorf("%s in the standby, %s at the writer", found.Standby.EngineVersion, found.Global.EngineVersion)
	}
	return unless(known, nil, "not known: "+found.Questions())
}

// unless returns no error when something is known, else the error, or one that says so.
func unless(known bool, err error, says string) error {
	if known || err != nil {
		return err
	}
	return errors.New(says)
}

func check(name, says string, err error) Check {
	if err != nil {
		return Check{name, false, err.Error()}
	}
	return Check{name, true, says}
}

// younger checks that what was sent at a moment is not older than the promise.
func younger(name, what string, now, at time.Time, promise time.Duration, err error) Check {
	age := now.Sub(at).Round(time.Second)
	made := check(name, fmt.Sprintf("%s is %s old, the promise is %s", what, age, promise), err)
	made.Good = made.Good && age <= promise
	return made
}
