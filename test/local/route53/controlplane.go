package route53

import (
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// answerLimit bounds one response of the control plane, in bytes.
const answerLimit = 16 << 20

// ControlPlane reads hosted zones, health checks and load balancers from the emulator, past the gateway: the fault of a region
// does not stop Route 53's data plane from using what it has read.
type ControlPlane struct {
	Emulator *url.URL
	Regions  []string // the regions of the load balancers
	Client   *http.Client
}

// Read returns the content of the control planes.
func (c ControlPlane) Read(ctx context.Context) (Snapshot, error) {
	var read Snapshot
	var err error
	if read.Zones, err = c.zones(ctx); err != nil {
		return read, err
	}
	if read.Checks, err = c.checks(ctx); err != nil {
		return read, err
	}
	for _, region := range c.Regions {
		balancers, err := c.balancers(ctx, region)
		if err != nil {
			return read, fmt.Errorf("reading load balancers of %s: %w", region, err)
		}
		read.Balancers = append(read.Balancers, balancers...)
	}
	return read, nil
}

// page is the pagination of Route 53's lists. AWS: Amazon Route 53 API Reference, ListHostedZones, ListHealthChecks and
// ListResourceRecordSets.
type page struct {
	IsTruncated          bool
	NextMarker           string
	NextRecordName       string
	NextRecordType       string
	NextRecordIdentifier string
}

// next is the query for the following page.
func (p page) next() url.Values {
	query := url.Values{}
	for name, value := range map[string]string{
		"marker": p.NextMarker, "name": p.NextRecordName, "type": p.NextRecordType, "identifier": p.NextRecordIdentifier,
	} {
		if value != "" {
			query.Set(name, value)
		}
	}
	return query
}

// paging gives listAll access to the pagination of every type that embeds page.
func (p page) paging() page { return p }

// listAll reads all pages of one of Route 53's lists.
func listAll[T interface{ paging() page }](ctx context.Context, c ControlPlane, path string) ([]T, error) {
	var all []T
	query := url.Values{}
	for {
		var one T
		if err := c.call(ctx, http.MethodGet, "us-east-1", "route53", "/2013-04-01/"+path, query, &one); err != nil {
			return nil, fmt.Errorf("reading %s: %w", path, err)
		}
		all = append(all, one)
		if !one.paging().IsTruncated {
			return all, nil
		}
		query = one.paging().next()
	}
}

type zonePage struct {
	page
	Zones []struct {
		ID      string `xml:"Id"`
		Name    string
		Private bool `xml:"Config>PrivateZone"`
	} `xml:"HostedZones>HostedZone"`
}

func (c ControlPlane) zones(ctx context.Context) ([]Zone, error) {
	listed, err := listAll[zonePage](ctx, c, "hostedzone")
	if err != nil {
		return nil, err
	}
	var zones []Zone
	for _, one := range listed {
		for _, described := range one.Zones {
			zone := Zone{ID: strings.TrimPrefix(described.ID, "/hostedzone/"), Name: canonicalName(described.Name), Private: described.Private}
			if zone.Sets, err = c.sets(ctx, zone.ID); err != nil {
				return nil, err
			}
			zones = append(zones, zone)
		}
	}
	return zones, nil
}

type setPage struct {
	page
	Sets []describedSet `xml:"ResourceRecordSets>ResourceRecordSet"`
}

type describedSet struct {
	Name, Type, SetIdentifier, Failover, HealthCheckId string
	TTL                                                uint32
	Values                                             []string `xml:"ResourceRecords>ResourceRecord>Value"`
	AliasTarget                                        *struct {
		DNSName              string
		EvaluateTargetHealth bool
	}
	// The routing policies that are not evaluated here; only their presence is read.
	Weight, Region, MultiValueAnswer                     *string
	GeoLocation, GeoProximityLocation, CidrRoutingConfig *struct{}
	TrafficPolicyInstanceID                              *string `xml:"TrafficPolicyInstanceId"`
}

func (c ControlPlane) sets(ctx context.Context, zone string) ([]RecordSet, error) {
	listed, err := listAll[setPage](ctx, c, "hostedzone/"+zone+"/rrset")
	var sets []RecordSet
	for _, one := range listed {
		for _, described := range one.Sets {
			sets = append(sets, described.recordSet())
		}
	}
	return sets, err
}

func (d describedSet) recordSet() RecordSet {
	set := RecordSet{
		Name: canonicalName(d.Name), Type: d.Type, ID: d.SetIdentifier, TTL: d.TTL, Values: d.Values,
		Failover: d.Failover, CheckID: d.HealthCheckId,
	}
	if d.AliasTarget != nil {
		// The console puts dualstack before the names of load balancers, which lead to the same.
		set.Alias = &Alias{
			Name:     strings.TrimPrefix(canonicalName(d.AliasTarget.DNSName), "dualstack."),
			Evaluate: d.AliasTarget.EvaluateTargetHealth,
		}
	}
	for policy, is := range map[string]bool{
		"weights": d.Weight != nil, "latency": d.Region != nil, "multivalue answers": d.MultiValueAnswer != nil,
		"geolocation":  d.GeoLocation != nil,
		"geoproximity": d.GeoProximityLocation != nil, "IP addresses": d.CidrRoutingConfig != nil,
		"a traffic policy": d.TrafficPolicyInstanceID != nil,
	} {
		if is {
			set.Policy = policy
		}
	}
	return set
}

type checkPage struct {
	page
	Checks []describedCheck `xml:"HealthChecks>HealthCheck"`
}

type describedCheck struct {
	ID      string `xml:"Id"`
	Version int    `xml:"HealthCheckVersion"`
	Config  struct {
		Type, IPAddress, FullyQualifiedDomainName, ResourcePath, SearchString, Inverted, Disabled, EnableSNI string
		Port, RequestInterval, FailureThreshold, HealthThreshold                                             int

		Children []string `xml:"ChildHealthChecks>ChildHealthCheck"`
	} `xml:"HealthCheckConfig"`
}

func (c ControlPlane) checks(ctx context.Context) ([]Check, error) {
	listed, err := listAll[checkPage](ctx, c, "healthcheck")
	var checks []Check
	for _, one := range listed {
		for _, described := range one.Checks {
			checks = append(checks, described.check())
		}
	}
	return checks, err
}

// check returns the health check with AWS's defaults for fields that are not set. AWS: Amazon Route 53 API Reference,
// HealthCheckConfig.
func (d describedCheck) check() Check {
	config := d.Config
	check := Check{
		ID: d.ID, Version: d.Version, Kind: config.Type, Host: config.FullyQualifiedDomainName, IP: config.IPAddress, Port: config.Port,
		Path: config.ResourcePath, Search: config.SearchString, Interval: time.Duration(config.RequestInterval) * time.Second,
		Threshold: config.FailureThreshold, HealthyCount: config.HealthThreshold, Children: config.Children,
		// The emulator writes them as Python does: True.
		Inverted: strings.EqualFold(config.Inverted, "true"), Disabled: strings.EqualFold(config.Disabled, "true"),
		SNI: strings.EqualFold(config.EnableSNI, "true"),
	}
	if check.Port == 0 {
		check.Port = DefaultPort(check.usesTLS())
	}
	if check.Interval <= 0 {
		check.Interval = 30 * time.Second
	}
	if check.Threshold <= 0 {
		check.Threshold = 3
	}
	return check
}

// call sends one request, with its values in the query of a GET and in the body of a POST, and decodes the XML of a successful
// response.
func (c ControlPlane) call(ctx context.Context, method, region, service, path string, values url.Values, into any) error {
	target, body := c.Emulator.JoinPath(path), ""
	if method == http.MethodGet {
		target.RawQuery = values.Encode()
	} else {
		body = values.Encode()
	}
	request, err := http.NewRequestWithContext(ctx, method, target.String(), strings.NewReader(body))
	if err != nil {
		return err
	}
	if method == http.MethodPost {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	// The emulator checks no signature, and reads region and service from it.
	request.Header.Set(
		"Authorization",
		fmt.Sprintf("AWS4-HMAC-SHA256 Credential=test/20250101/%s/%s/aws4_request, SignedHeaders=host, Signature=0", region, service),
	)
	response, err := c.Client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	content, err := io.ReadAll(io.LimitReader(response.Body, answerLimit))
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%d %s", response.StatusCode, content)
	}
	return xml.Unmarshal(content, into)
}
