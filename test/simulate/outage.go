package simulate

import "time"

// Outage is an outage of AWS that happened, by AWS's post-event summary, as faults of this platform. Its hours are
// shortened; the order of what failed is kept.
type Outage struct {
	Name string
	// Source is AWS's post-event summary.
	Source string
	// Hits says what of the platform it would have hit.
	Hits   string
	Faults []Fault
	// Right is the right answer, and Why a sentence on it.
	Right Answer
	Due   time.Duration
	Why   string
}

// Outages are the outages, oldest first.
var Outages = []Outage{
	{
		Name:   "S3, 2017-02-28",
		Source: "https://aws.amazon.com/message/41926/",
		Hits:   "S3 answers nothing, and Lambda, which keeps code there, starts no new environment: first some requests fail, then all",
		Faults: []Fault{
			{GrayErrors, 2 * time.Minute, 6 * time.Minute, 0.3},
			{ApplicationLost, 6 * time.Minute, 40 * time.Minute, 0},
		},
		Right: SwitchesOver, Due: 13 * time.Minute,
		Why: "the database lives, so users get their writer in us-west-2 without loss",
	},
	{
		Name:   "Kinesis, 2020-11-25",
		Source: "https://aws.amazon.com/message/11201/",
		Hits: "CloudWatch and EventBridge of us-east-1 are late, so no heartbeat comes; Lambda, which cannot deliver its metrics, runs " +
			"short of memory and fails in part",
		Faults: []Fault{
			{HeartbeatLost, 2 * time.Minute, 38 * time.Minute, 0},
			{GrayErrors, 10 * time.Minute, 22 * time.Minute, 0.2},
		},
		Right: Nothing,
		Why:   "most requests succeed and everything is replicated: advice",
	},
	{
		Name:   "internal network of us-east-1, 2021-12-07",
		Source: "https://aws.amazon.com/message/12721/",
		Hits: "monitoring, EventBridge and the control planes of us-east-1, Route 53's included, answer late or not at all; functions and " +
			"databases run, their connections to AWS's services are slow",
		Faults: []Fault{
			{MetricsBlind, 2 * time.Minute, 35 * time.Minute, 0},
			{HeartbeatLost, 3 * time.Minute, 36 * time.Minute, 0},
			{GraySlow, 4 * time.Minute, 25 * time.Minute, 0.3},
		},
		Right: Nothing,
		Why:   "users write, and Route 53's checkers see it, while the controller is blind: advice",
	},
	{
		Name:   "DynamoDB's name, then launches, then health checks, 2025-10-20",
		Source: "https://aws.amazon.com/message/101925/",
		Hits: "the name of DynamoDB in us-east-1 leads nowhere, then no server starts, then load balancers take healthy targets away: no " +
			"heartbeat, a part of the requests fails, the application comes and goes",
		Faults: []Fault{
			{HeartbeatLost, 2 * time.Minute, 12 * time.Minute, 0},
			{GrayErrors, 3 * time.Minute, 12 * time.Minute, 0.3},
			{GrayErrors, 14 * time.Minute, 26 * time.Minute, 0.15},
			{ApplicationLost, 16 * time.Minute, 16*time.Minute + 50*time.Second, 0},
			{ApplicationLost, 20 * time.Minute, 21 * time.Minute, 0},
		},
		Right: LosesNothing,
		Why:   "the database lives through all of it; a switchover would be as right as none",
	},
}

// Plan returns the plan of an outage in the world of a seed.
func (o Outage) Plan(seed uint64) *Plan {
	p := NewPlan(seed, 45*time.Minute)
	p.Cause, p.Faults, p.Right, p.Due = o.Name, o.Faults, o.Right, o.Due
	p.Kills, p.Cancels, p.Refusals, p.LostRequests, p.LostAnswers, p.Automatic = nil, 0, 0, 0, 0, true
	p.RPOSetting, p.Doubles, p.Jitter = 10*time.Minute, 0, min(p.Jitter, 10*time.Second)
	return p
}
