package controller

import "time"

const (
	// RPO is the recovery point objective. The controller makes no failover that would lose more than this.
	RPO = 15 * time.Minute
	// HeartbeatOverdue is the age of the last heartbeat from which on the primary region's events count as stopped. A heartbeat
	// is sent each minute, EventBridge Scheduler is up to a minute late (EventBridge Scheduler User Guide, "Schedule types"), and
	// the forwarding between the regions takes seconds.
	HeartbeatOverdue = 150 * time.Second
)
