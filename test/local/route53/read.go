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

// answerLimit bounds one answer of the control plane, in bytes.
const answerLimit = 16 << 20

// Reader reads the control planes from the emulator itself: no fault of a region keeps it from that, as none keeps Route 53's
// data plane from what it has been told.
type Reader struct {
	Emulator *url.URL
	Regions  []string // whose load balancers are read
	Client   *http.Client
}

// Read returns what stands.
func (r Reader) Read(ctx context.Context) (Snapshot, error) {
	var read Snapshot
	var err error
	if read.Zones, err = r.zones(ctx); err != nil {
		return read, err
	}
	if read.Checks, err = r.checks(ctx); err != nil {
		return read, err
	}
	for _, region := range r.Regions {
		balancers, err := r.balancers(ctx, region)
		if err != nil {
			return read, fmt.Errorf("reading load balancers of %s: %w", region, err)
		}
		read.Balancers = append(read.Balancers, balancers...)
	}
	return read, nil
}

// page is how a list of Route 53's goes on. AWS: Amazon Route 53 API Reference, ListHostedZones, ListHealthChecks and
// ListResourceRecordSets.
type page struct {
	IsTruncated          bool
	NextMarker           string
	NextRecordName       string
	NextRecordType       string
	NextRecordIdentifier string
}

// next is the query of the page that follows.
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

// paging makes every type that page is part of a list that pages can read.
func (p page) paging() page { return p }

// pages reads all pages of a list of Route 53's.
func pages[T interface{ paging() page }](ctx context.Context, r Reader, path string) ([]T, error) {
	var all []T
	query := url.Values{}
	for {
		var one T
		if err := r.ask(ctx, http.MethodGet, "us-east-1", "route53", "/2013-04-01/"+path, query, &one); err != nil {
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

func (r Reader) zones(ctx context.Context) ([]Zone, error) {
	listed, err := pages[zonePage](ctx, r, "hostedzone")
	if err != nil {
		return nil, err
	}
	var zones []Zone
	for _, one := range listed {
		for _, described := range one.Zones {
			zone := Zone{ID: strings.TrimPrefix(described.ID, "/hostedzone/"), Name: absolute(described.Name), Private: described.Private}
			if zone.Sets, err = r.sets(ctx, zone.ID); err != nil {
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
	// Of the routing policies that are not evaluated here it matters only that they are there.
	Weight, Region, MultiValueAnswer                     *string
	GeoLocation, GeoProximityLocation, CidrRoutingConfig *struct{}
	TrafficPolicyInstanceID                              *string `xml:"TrafficPolicyInstanceId"`
}

func (r Reader) sets(ctx context.Context, zone string) ([]Set, error) {
	listed, err := pages[setPage](ctx, r, "hostedzone/"+zone+"/rrset")
	var sets []Set
	for _, one := range listed {
		for _, described := range one.Sets {
			sets = append(sets, described.set())
		}
	}
	return sets, err
}

func (d describedSet) set() Set {
	set := Set{
		Name: absolute(d.Name), Type: d.Type, ID: d.SetIdentifier, TTL: d.TTL, Values: d.Values,
		Failover: d.Failover, CheckID: d.HealthCheckId,
	}
	if d.AliasTarget != nil {
		// The console puts dualstack before the names of load balancers, which lead to the same.
		set.Alias = &Alias{Name: strings.TrimPrefix(absolute(d.AliasTarget.DNSName), "dualstack."), Evaluate: d.AliasTarget.EvaluateTargetHealth}
	}
	for policy, is := range map[string]bool{
		"weights": d.Weight != nil, "latency": d.Region != nil, "multivalue answers": d.MultiValueAnswer != nil, "geolocation": d.GeoLocation != nil,
		"geoproximity": d.GeoProximityLocation != nil, "IP addresses": d.CidrRoutingConfig != nil, "a traffic policy": d.TrafficPolicyInstanceID != nil,
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
		Type, IPAddress, FullyQualifiedDomainName, ResourcePath, SearchString, Inverted, Disabled string
		Port, RequestInterval, FailureThreshold, HealthThreshold                                  int
		Children                                                                                  []string `xml:"ChildHealthChecks>ChildHealthCheck"`
	} `xml:"HealthCheckConfig"`
}

func (r Reader) checks(ctx context.Context) ([]Check, error) {
	listed, err := pages[checkPage](ctx, r, "healthcheck")
	var checks []Check
	for _, one := range listed {
		for _, described := range one.Checks {
			checks = append(checks, described.check())
		}
	}
	return checks, err
}

// check returns the check with AWS's defaults for what it leaves open. AWS: Amazon Route 53 API Reference, HealthCheckConfig.
func (d describedCheck) check() Check {
	config := d.Config
	check := Check{
		ID: d.ID, Version: d.Version, Kind: config.Type, Host: config.FullyQualifiedDomainName, IP: config.IPAddress, Port: config.Port,
		Path: config.ResourcePath, Search: config.SearchString, Interval: time.Duration(config.RequestInterval) * time.Second,
		Threshold: config.FailureThreshold, HealthyCount: config.HealthThreshold, Children: config.Children,
		// The emulator writes them as Python does: True.
		Inverted: strings.EqualFold(config.Inverted, "true"), Disabled: strings.EqualFold(config.Disabled, "true"),
	}
	if check.Port == 0 {
		check.Port = map[bool]int{false: 80, true: 443}[check.secure()]
	}
	if check.Interval <= 0 {
		check.Interval = 30 * time.Second
	}
	if check.Threshold <= 0 {
		check.Threshold = 3
	}
	return check
}

// ask sends one request, with its values in the query of a GET and in the body of a POST, and reads the XML of a good answer.
func (r Reader) ask(ctx context.Context, method, region, service, path string, values url.Values, into any) error {
	target, body := r.Emulator.JoinPath(path), ""
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
	request.Header.Set("Authorization", fmt.Sprintf("AWS4-HMAC-SHA256 Credential=test/20250101/%s/%s/aws4_request, SignedHeaders=host, Signature=0", region, service))
	response, err := r.Client.Do(request)
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
