package controller

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
)

// Config is the controller's configuration: one JSON document in Parameter Store, the same in both regions. The deployment
// writes it; the controller and the operator's command line read it. Every field is required. Names of regions are AWS's.
// Primary and Standby are the regions' roles as deployed: after a failover the writer is in the standby.
type Config struct {
	Environment   string `json:"environment"` // the suffix of every name, and the value of the metrics' dimension
	PrimaryRegion string `json:"primaryRegion"`
	StandbyRegion string `json:"standbyRegion"`

	// GlobalCluster, PrimaryCluster and StandbyCluster are identifiers. A move takes its target's ARN.
	GlobalCluster     string `json:"globalCluster"`
	PrimaryCluster    string `json:"primaryCluster"`
	StandbyCluster    string `json:"standbyCluster"`
	PrimaryClusterARN string `json:"primaryClusterArn"`
	StandbyClusterARN string `json:"standbyClusterArn"`

	// The URLs have neither a path nor a slash at the end. PrimaryURL and StandbyURL each reach one region, whatever Route 53
	// answers for GlobalURL.
	PrimaryURL string `json:"primaryURL"`
	StandbyURL string `json:"standbyURL"`
	GlobalURL  string `json:"globalURL"`

	Table         string `json:"table"`         // of DynamoDB, in the standby region
	ModeParameter string `json:"modeParameter"` // its path, in both regions

	PrimaryTopicARN string `json:"primaryTopicArn"`
	StandbyTopicARN string `json:"standbyTopicArn"`

	BusName    string `json:"busName"`    // the same in both regions
	SecretName string `json:"secretName"` // the same in both regions

	PrimaryDocumentsBucket string `json:"primaryDocumentsBucket"`
	StandbyDocumentsBucket string `json:"standbyDocumentsBucket"`

	// StandbyFunction is the application's function in the standby region. The controller is outside the VPC: it asks this
	// function to verify that the region's replica of the secret opens the database.
	StandbyFunction string `json:"standbyFunction"`

	// Alarms are the names of the alarms that must exist in the standby region, with their actions enabled.
	Alarms []string `json:"alarms"`

	MetricNamespace string `json:"metricNamespace"`
	DashboardURL    string `json:"dashboardURL"` // the standby region's, for notices
	RunbookURL      string `json:"runbookURL"`
}

// JSON returns the document. The error names each field that is not set.
func (c Config) JSON() (string, error) {
	if err := c.check(); err != nil {
		return "", fmt.Errorf("encoding the failover configuration: %w", err)
	}
	text, err := json.Marshal(c)
	if err != nil {
		return "", fmt.Errorf("encoding the failover configuration: %w", err)
	}
	return string(text), nil
}

// ParseConfig parses the document. It ignores unknown keys, which a newer deployment wrote. The error names each key that is
// missing.
func ParseConfig(text string) (Config, error) {
	var c Config
	err := json.Unmarshal([]byte(text), &c)
	if err == nil {
		err = c.check()
	}
	if err != nil {
		return Config{}, fmt.Errorf("reading the failover configuration, which a deployment of global-edge writes: %w", err)
	}
	return c, nil
}

// check returns an error that names each empty field.
func (c Config) check() error {
	var faults []error
	fields := reflect.ValueOf(c)
	for i := range fields.NumField() {
		if fields.Field(i).IsZero() || fields.Field(i).Kind() == reflect.Slice && fields.Field(i).Len() == 0 {
			faults = append(faults, fmt.Errorf("%s is not set", fields.Type().Field(i).Tag.Get("json")))
		}
	}
	if slices.Contains(c.Alarms, "") {
		faults = append(faults, errors.New("alarms has an empty name"))
	}
	return errors.Join(faults...)
}
