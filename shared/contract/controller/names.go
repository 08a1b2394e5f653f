package controller

import "encoding/json"

// ConfigVariable is the controller's environment variable with the name of the parameter that holds its configuration.
const ConfigVariable = "FAILOVER_CONFIG"

// ConfigParameterPath returns the levels of the path of the parameter with the [Config] below the environment's own,
// /warmstandby/{environment}/failover/config.
func ConfigParameterPath() []string { return []string{"failover", "config"} }

// ModeParameterPath returns the levels of the path of the parameter with the [Mode]. An operator who pauses the controller
// changes it in both regions; no deployment changes it back.
func ModeParameterPath() []string { return []string{"failover", "mode"} }

// Task is a task that a schedule has the controller run.
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

// The heartbeat is an event of the primary region's schedule, which the bus carries to the standby region. Its detail is
// {"at": "<time>"}, the time at which EventBridge Scheduler was to send it, in RFC 3339.
const (
	HeartbeatSource     = "warmstandby.heartbeat"
	HeartbeatDetailType = "Heartbeat"
	HeartbeatAtKey      = "at"
)

// MetricNamespace is where the controller's metrics are. Its role may publish in no other.
const MetricNamespace = "Warmstandby"

// The dimensions of the controller's metrics: Environment has the environment's suffix, Region, of WriterActive alone, the
// region spoken of.
const (
	DimensionEnvironment = "Environment"
	DimensionRegion      = "Region"
)

// The controller's metrics. Each watch publishes all of them, in the standby region and as well as it can in the primary.
const (
	// MetricReadiness is 1 when the last validation found that the standby could take over, 0 when it did not, or when there
	// was none within two hours.
	MetricReadiness = "FailoverReadiness"
	// MetricWriterActive is, for each region, 1 where the writer is and 0 where it is not.
	MetricWriterActive = "WriterActive"
	// MetricReplicationLag is how far the standby's data is behind, in seconds; nothing while that is not known.
	MetricReplicationLag = "ReplicationLag"
	// MetricHeartbeatAge is the age of the last heartbeat, in seconds; nothing while there was none.
	MetricHeartbeatAge = "HeartbeatAge"
	// MetricVersionMismatch is 1 when the engines of both regions differ in version, which forbids a switchover, else 0.
	MetricVersionMismatch = "EngineVersionMismatch"
)

// ProbePrefix begins the keys of the documents by which the controller proves that objects reach the standby region. It may
// read and write no others.
const ProbePrefix = "probes/"
