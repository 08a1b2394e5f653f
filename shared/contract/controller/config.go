package controller

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Config is the controller's configuration: one JSON document in Parameter Store, the same in both regions. The deployment
// writes it; the controller and the operator's command line read it. Every field is required but those that older deployments did not
// write. Names of regions are AWS's; Primary and Standby are the regions' roles as deployed: after a failover the writer is in the
// standby.
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

	// NameServers are the host names of the hosted zone's name servers, which the controller asks where GlobalName leads. PrimaryName
	// and StandbyName are the regions' own names in that zone. Older deployments wrote none of the four: where users are sent is not
	// known then.
	NameServers []string `json:"nameServers,omitempty"`
	GlobalName  string   `json:"globalName,omitempty"`
	PrimaryName string   `json:"primaryName,omitempty"`
	StandbyName string   `json:"standbyName,omitempty"`

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
	if len(c.NameServers) == 0 {
		c.NameServers = nil // written again, the document is the same
	}
	if err != nil {
		return Config{}, fmt.Errorf("reading the failover configuration, which a deployment of global-edge writes: %w", err)
	}
	return c, nil
}

// check returns an error that names each empty field. The fields that older deployments did not write are set together or not at all.
func (c Config) check() error {
	var faults, optional []error
	fields, given := reflect.ValueOf(c), false
	for i := range fields.NumField() {
		key, later, _ := strings.Cut(fields.Type().Field(i).Tag.Get("json"), ",")
		empty := fields.Field(i).IsZero() || fields.Field(i).Kind() == reflect.Slice && fields.Field(i).Len() == 0
		given = given || later != "" && !empty
		switch {
		case empty && later != "":
			optional = append(optional, fmt.Errorf("%s is not set", key))
		case empty:
			faults = append(faults, fmt.Errorf("%s is not set", key))
		}
	}
	if given {
		faults = append(faults, optional...)
	}
	if slices.Contains(c.Alarms, "") {
		faults = append(faults, errors.New("alarms has an empty name"))
	}
	if slices.Contains(c.NameServers, "") {
		faults = append(faults, errors.New("nameServers has an empty name"))
	}
	return errors.Join(faults...)
}
