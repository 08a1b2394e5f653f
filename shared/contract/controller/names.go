package controller

import "encoding/json"

// ConfigVariable is the controller's environment variable with the path of the [Config] parameter.
const ConfigVariable = "FAILOVER_CONFIG"

// ConfigParameterPath returns the levels of the [Config] parameter's path, which the environment's prefix precedes:
// /warmstandby/{environment}/failover/config.
func ConfigParameterPath() []string { return []string{"failover", "config"} }

// ModeParameterPath returns the levels of the [Mode] parameter's path, as ConfigParameterPath does. An operator who pauses the
// controller changes the mode in both regions, and no deployment changes it back.
func ModeParameterPath() []string { return []string{"failover", "mode"} }

// Task is what a schedule invokes the controller for.
type Task string

// The tasks: a watch each minute, a validation each hour.
const (
	TaskWatch    Task = "watch"
	TaskValidate Task = "validate"
)

// TaskEvent is the event with which a schedule invokes the controller for a task: {"task":"watch"}.
type TaskEvent struct {
	Task Task `json:"task"`
}

// JSON returns the event.
func (t Task) JSON() (string, error) {
	text, err := json.Marshal(TaskEvent{t})
	return string(text), err
}

// The heartbeat is an event that the primary region's schedule puts on the bus, which forwards it to the standby region. Its
// detail is {"at": "<time>"}, the time for which EventBridge Scheduler scheduled it, in RFC 3339.
const (
	HeartbeatSource     = "warmstandby.heartbeat"
	HeartbeatDetailType = "Heartbeat"
	HeartbeatAtKey      = "at"
)

// The source and the type of AWS Backup's event about a restore job (AWS Backup Developer Guide, "Monitoring AWS Backup events using
// Amazon EventBridge").
const (
	BackupSource      = "aws.backup"
	RestoreDetailType = "Restore Job State Change"
)

// MetricNamespace is the namespace of the controller's metrics. Its role may publish in no other.
const MetricNamespace = "Warmstandby"

// The dimensions of the controller's metrics. Environment is the environment's suffix. Region, of WriterActive alone, is the
// region that the value is of.
const (
	DimensionEnvironment = "Environment"
	DimensionRegion      = "Region"
)

// The controller's metrics. Each watch publishes all of them in the standby region, and in the primary if that can be reached.
const (
	// MetricReadiness is 1 when the last validation found that the standby could take over, and 0 when it did not or is more than
	// two hours old.
	MetricReadiness = "FailoverReadiness"
	// MetricWriterActive is, for each region, 1 where the writer is and 0 where it is not.
	MetricWriterActive = "WriterActive"
	// MetricReplicationLag is the age of the standby's data, in seconds. It is not published while unknown.
	MetricReplicationLag = "ReplicationLag"
	// MetricHeartbeatAge is the age of the last heartbeat, in seconds. It is not published before the first.
	MetricHeartbeatAge = "HeartbeatAge"
	// MetricVersionMismatch is 1 when the engines of both regions differ in version, which forbids a switchover, else 0.
	MetricVersionMismatch = "EngineVersionMismatch"
)

// ProbePrefix begins the keys of the documents by which the controller checks that objects are replicated to the standby
// region. It may read and write no others.
const ProbePrefix = "probes/"
