package readiness

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"warmstandby/lambda/failover/globaldb"
	"warmstandby/lambda/failover/observe"
	"warmstandby/shared/contract/controller"
)

// PassiveChecks returns the checks that need nothing but a snapshot.
func PassiveChecks(c controller.Config, snapshot observe.Snapshot, now time.Time) []Check {
	return []Check{
		NewCheck("writer", "in "+c.PrimaryRegion, checkWriter(c, snapshot)),
		NewCheck("standby", "its application answers, its DB cluster and an instance are available", checkStandby(snapshot)),
		NewCheck("engine versions", snapshot.Standby.EngineVersion+" in both regions", checkVersions(snapshot)),
		checkAge("replication", "the newest data that has arrived", now, snapshot.Replication.Through, controller.RPO, CheckMeasured(snapshot)),
		checkAge("events", "the last heartbeat", now, snapshot.Heartbeat.At, controller.RPO, checkHeartbeat(snapshot)),
	}
}

func checkWriter(c controller.Config, snapshot observe.Snapshot) error {
	region := snapshot.WriterRegion()
	switch err := snapshot.Unknown[observe.SourceGlobalCluster]; {
	case errors.Is(err, globaldb.ErrNotFound):
		return err
	case err != nil:
		return AsUnknown(err)
	case region == "":
		return fmt.Errorf("it is being moved, or RDS names none: the database is %s", snapshot.Global.Status)
	case region != c.PrimaryRegion:
		return fmt.Errorf("in %s: there is no standby that could take over", region)
	}
	return nil
}

func checkStandby(snapshot observe.Snapshot) error {
	standby := snapshot.StandbyCondition()
	if len(standby.Faults) > 0 {
		return errors.New(strings.Join(standby.Faults, "; "))
	}
	if !standby.Known {
		return AsUnknown(errors.New("not known: " + snapshot.Unanswered()))
	}
	return nil
}

func checkVersions(snapshot observe.Snapshot) error {
	differ, known := snapshot.VersionsDiffer()
	if known && differ {
		return fmt.Errorf("%s in the standby, %s at the writer", snapshot.Standby.EngineVersion, snapshot.Global.EngineVersion)
	}
	if !known {
		return AsUnknown(errors.New("not known: " + snapshot.Unanswered()))
	}
	return nil
}

// CheckMeasured returns why the progress of replication is unknown, nil when it is known.
func CheckMeasured(snapshot observe.Snapshot) error {
	switch err := snapshot.Unknown[observe.SourceReplication]; {
	case err != nil:
		return AsUnknown(err)
	case !snapshot.Replication.Known:
		return AsUnknown(errors.New("CloudWatch has no measurement"))
	}
	return nil
}

func checkHeartbeat(snapshot observe.Snapshot) error {
	switch err := snapshot.Unknown[observe.SourceHeartbeat]; {
	case err != nil:
		return AsUnknown(err)
	case !snapshot.Heartbeat.Known:
		return errors.New("none has ever arrived")
	}
	return nil
}

// unknownError says that a check's source could not be read.
type unknownError struct{ error }

func (u unknownError) Unwrap() error { return u.error }

// AsUnknown marks a check's error as unknown: the source could not be read, so nothing is known against what was checked.
func AsUnknown(err error) error { return unknownError{err} }

// NewCheck returns a check that fails with err, or passes with the given detail when err is nil.
func NewCheck(name, says string, err error) Check {
	if err != nil {
		open := unknownError{}
		return Check{Name: name, Detail: err.Error(), Unknown: errors.As(err, &open)}
	}
	return Check{Name: name, Passed: true, Detail: says}
}

// checkAge checks that something sent at a time is not older than the RPO.
func checkAge(name, what string, now, at time.Time, rpo time.Duration, err error) Check {
	age := now.Sub(at).Round(time.Second)
	made := NewCheck(name, fmt.Sprintf("%s is %s old, the promise is %s", what, age, rpo), err)
	made.Passed = made.Passed && age <= rpo
	return made
}
