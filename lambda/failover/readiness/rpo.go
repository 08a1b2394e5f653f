package readiness

import (
	"errors"
	"fmt"

	"warmstandby/lambda/failover/globaldb"
	"warmstandby/lambda/failover/observe"
	"warmstandby/shared/contract/controller"
)

// CheckRouting checks that it is known where Route 53 sends users: the controller makes no failover by itself otherwise.
func CheckRouting(snapshot observe.Snapshot) Check {
	var err error
	routing := snapshot.Users()
	if !routing.Known {
		err = AsUnknown(errors.New("without it the controller makes no failover by itself: " + routing.Detail))
	}
	return NewCheck("routing", routing.Detail, err)
}

// CheckCommitLimit checks that commits would not wait in the standby region once it has the writer: with two regions the standby's
// cluster keeps the default, or the promoted region pauses its commits because the lost one lags (Amazon Aurora User Guide,
// "Managing RPOs for Aurora PostgreSQL–based global databases", Important).
func CheckCommitLimit(c controller.Config, limit globaldb.CommitLimit, err error) Check {
	switch {
	case err != nil:
		err = AsUnknown(err)
	case !limit.IsDefault():
		err = fmt.Errorf(
			"%s is %s in cluster parameter group %s of %s: after a failover commits would wait for the region that is lost; set it to its default",
			globaldb.RPOParameter,
			limit,
			limit.Group,
			c.StandbyRegion,
		)
	}
	return NewCheck("commit limit", globaldb.RPOParameter+" is at its default in "+c.StandbyRegion, err)
}

// AsWarning returns the check as one that does not forbid what it was made for.
func (c Check) AsWarning() Check {
	c.Warning, c.Passed, c.Unknown = !c.Passed, true, false
	return c
}
