package scenario

import "time"

const (
	// GrantedExecutions is how many executions at once Lambda grants a new account (AWS Lambda Developer Guide, "Lambda quotas"), and the
	// emulator an account with few.
	GrantedExecutions = 10
	// floodBound: as a region that is lost, with a run of the controller that Lambda refuses for its whole minute (decision 58).
	floodBound = regionBound + time.Minute
	// floodTimeout: of a flood, with all that is waited for meanwhile.
	floodTimeout = 10 * time.Minute
	// floodNoticeTimeout: the alarm wants two minutes of three, and is evaluated each minute.
	floodNoticeTimeout = 5 * time.Minute
)

// flood is a lost region while the standby has no execution left.
func flood() Scenario {
	return Scenario{
		Name: "flood",
		Summary: "The primary region is lost, and callers flood the standby until Lambda has no execution left there, which the " +
			"controller needs as well.",
		Fault:     Unreachable,
		FaultRole: Primary,
		Steps: concat(preparation, []Step{
			{Do: Fault, Kind: Unreachable, Role: Primary},
			{Do: Flood, Role: Standby, For: floodTimeout},
			{Do: Await, Until: FloodNoticed, For: floodNoticeTimeout},
			{Do: Await, Until: ServedStandby, For: moveTimeout},
			{Do: Await, Until: WriterStandby, For: moveTimeout},
		}, failbackSteps),
		Expectations: Expectations{
			WriterMoves:     true,
			Action:          "failover",
			MovedBy:         "controller",
			FirstGoodWithin: floodBound,
			ServedBy:        Standby,
			UsersMove:       true,
			AllowedLoss:     UnreplicatedLoss,
			Flooded:         true,
			DecidedWithin:   floodBound,
		},
	}
}
