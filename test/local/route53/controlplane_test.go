package route53

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"
)

// controlPlane answers by method and path, with the query of a GET and the action of a POST: each answer is one document.
func controlPlane(t *testing.T, answers map[string]string) ControlPlane {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key := r.Method + " " + r.URL.RequestURI()
		if r.Method == http.MethodPost {
			region := strings.Split(r.Header.Get("Authorization"), "/")[2]
			key = region + " " + r.FormValue("Action")
		}
		answer, ok := answers[key]
		if !ok {
			http.Error(w, "nobody expected "+key, http.StatusNotFound)
			return
		}
		io.WriteString(w, answer)
	}))
	t.Cleanup(server.Close)
	base, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	return ControlPlane{Emulator: base, Regions: []string{"us-east-1", "us-west-2"}, Client: server.Client()}
}

// standing is what a control plane answers that has one of everything, each list of Route 53's in two pages.
func standing() map[string]string {
	answers := map[string]string{
		"GET /2013-04-01/hostedzone":           `<R><HostedZones><HostedZone><Id>/hostedzone/Z1</Id><Name>App.test.</Name><Config><PrivateZone>false</PrivateZone></Config></HostedZone></HostedZones><IsTruncated>true</IsTruncated><NextMarker>Z1</NextMarker></R>`,
		"GET /2013-04-01/hostedzone?marker=Z1": `<R><HostedZones><HostedZone><Id>/hostedzone/Z2</Id><Name>in.test.</Name><Config><PrivateZone>true</PrivateZone></Config></HostedZone></HostedZones><IsTruncated>false</IsTruncated></R>`,
		"GET /2013-04-01/hostedzone/Z1/rrset": `<R><ResourceRecordSets><ResourceRecordSet><Name>app.test.</Name><Type>A</Type><SetIdentifier>first</SetIdentifier><Failover>PRIMARY</Failover>
			<AliasTarget><HostedZoneId>Z</HostedZoneId><DNSName>dualstack.ALB.us-east-1.elb.amazonaws.com</DNSName><EvaluateTargetHealth>true</EvaluateTargetHealth></AliasTarget>
			<HealthCheckId>c1</HealthCheckId></ResourceRecordSet></ResourceRecordSets><IsTruncated>true</IsTruncated><NextRecordName>app.test.</NextRecordName><NextRecordType>A</NextRecordType><NextRecordIdentifier>second</NextRecordIdentifier></R>`,
		"GET /2013-04-01/hostedzone/Z1/rrset?identifier=second&name=app.test.&type=A": `<R><ResourceRecordSets><ResourceRecordSet><Name>\052.app.test.</Name><Type>TXT</Type><TTL>300</TTL>
			<ResourceRecords><ResourceRecord><Value>"one"</Value></ResourceRecord><ResourceRecord><Value>"two"</Value></ResourceRecord></ResourceRecords></ResourceRecordSet></ResourceRecordSets><IsTruncated>false</IsTruncated></R>`,
		"GET /2013-04-01/hostedzone/Z2/rrset": `<R><IsTruncated>false</IsTruncated></R>`,
		"GET /2013-04-01/healthcheck": `<R><HealthChecks><HealthCheck><Id>c1</Id><HealthCheckVersion>3</HealthCheckVersion><HealthCheckConfig><Type>HTTP_STR_MATCH</Type><Port>8080</Port>
			<FullyQualifiedDomainName>alb.test</FullyQualifiedDomainName><ResourcePath>/readyz</ResourcePath><SearchString>ok</SearchString><RequestInterval>10</RequestInterval>
			<FailureThreshold>5</FailureThreshold><Inverted>True</Inverted><Disabled>False</Disabled></HealthCheckConfig></HealthCheck></HealthChecks><IsTruncated>true</IsTruncated><NextMarker>c1</NextMarker></R>`,
		"GET /2013-04-01/healthcheck?marker=c1": `<R><HealthChecks><HealthCheck><Id>c2</Id><HealthCheckVersion>1</HealthCheckVersion><HealthCheckConfig><Type>HTTPS</Type><IPAddress>192.0.2.1</IPAddress><Disabled>true</Disabled><EnableSNI>True</EnableSNI></HealthCheckConfig></HealthCheck>
			<HealthCheck><Id>c3</Id><HealthCheckVersion>1</HealthCheckVersion><HealthCheckConfig><Type>CALCULATED</Type><HealthThreshold>1</HealthThreshold><ChildHealthChecks><ChildHealthCheck>c1</ChildHealthCheck><ChildHealthCheck>c2</ChildHealthCheck></ChildHealthChecks></HealthCheckConfig></HealthCheck></HealthChecks><IsTruncated>false</IsTruncated></R>`,
		"us-west-2 DescribeLoadBalancers": `<R><DescribeLoadBalancersResult><LoadBalancers/></DescribeLoadBalancersResult></R>`,
		"us-east-1 DescribeLoadBalancers": `<R><DescribeLoadBalancersResult><LoadBalancers><member><LoadBalancerArn>arn:alb</LoadBalancerArn><LoadBalancerName>alb</LoadBalancerName><DNSName>ALB.us-east-1.elb.amazonaws.com</DNSName><Type>application</Type></member>
			<member><LoadBalancerArn>arn:nlb</LoadBalancerArn><LoadBalancerName>nlb</LoadBalancerName><DNSName>nlb.us-east-1.elb.amazonaws.com</DNSName><Type>network</Type></member></LoadBalancers></DescribeLoadBalancersResult></R>`,
		"us-east-1 DescribeListeners":    `<R><DescribeListenersResult><Listeners><member><Port>443</Port><Protocol>HTTPS</Protocol><Certificates><member><CertificateArn>arn:certificate</CertificateArn></member></Certificates></member><member><Port>80</Port><Protocol>HTTP</Protocol></member></Listeners></DescribeListenersResult></R>`,
		"us-east-1 DescribeTargetGroups": `<R><DescribeTargetGroupsResult><TargetGroups><member><TargetGroupArn>arn:group</TargetGroupArn><HealthCheckIntervalSeconds>35</HealthCheckIntervalSeconds><HealthyThresholdCount>3</HealthyThresholdCount><UnhealthyThresholdCount>2</UnhealthyThresholdCount></member></TargetGroups></DescribeTargetGroupsResult></R>`,
	}
	return answers
}

func TestWhatStandsIsRead(t *testing.T) {
	read, err := controlPlane(t, standing()).Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := Snapshot{
		Zones: []Zone{
			{ID: "Z1", Name: "app.test.", Sets: []RecordSet{
				{
					Name: "app.test.", Type: "A", ID: "first", Failover: failoverPrimary, CheckID: "c1",
					Alias: &Alias{"alb.us-east-1.elb.amazonaws.com.", true},
				},
				{Name: "*.app.test.", Type: "TXT", TTL: 300, Values: []string{`"one"`, `"two"`}},
			}},
			{ID: "Z2", Name: "in.test.", Private: true},
		},
		Checks: []Check{
			{
				ID: "c1", Version: 3, Kind: kindHTTPString, Host: "alb.test", Port: 8080, Path: "/readyz", Search: "ok", Interval: 10 * time.Second,
				Threshold: 5, Inverted: true,
			},
			{ID: "c2", Version: 1, Kind: kindHTTPS, IP: "192.0.2.1", Port: 443, Interval: 30 * time.Second, Threshold: 3, Disabled: true,
				SNI: true,
			},
			{
				ID: "c3", Version: 1, Kind: kindCalculated, Port: 80, Interval: 30 * time.Second, Threshold: 3, Children: []string{"c1", "c2"},
				HealthyCount: 1,
			},
		},
		Balancers: []Balancer{{
			ARN: "arn:alb", Name: "alb", Region: "us-east-1", DNSName: "alb.us-east-1.elb.amazonaws.com.",
			Listeners: []Listener{{443, "HTTPS", "arn:certificate"}, {Port: 80, Protocol: "HTTP"}},
			Groups:    []Group{{ARN: "arn:group", Interval: 35 * time.Second, Healthy: 3, Unhealthy: 2}},
		}},
	}
	if !reflect.DeepEqual(read, want) {
		t.Errorf("read\n%+v, want\n%+v", read, want)
	}
}

func TestEveryRoutingPolicyButFailoverIsNamed(t *testing.T) {
	for element, want := range map[string]string{
		"<Weight>0</Weight>": "weights", "<Region>us-east-1</Region>": "latency",
		"<MultiValueAnswer>true</MultiValueAnswer>":                                     "multivalue answers",
		"<GeoLocation><CountryCode>DE</CountryCode></GeoLocation>":                      "geolocation",
		"<GeoProximityLocation><AWSRegion>us-east-1</AWSRegion></GeoProximityLocation>": "geoproximity",
		"<CidrRoutingConfig><CollectionId>c</CollectionId></CidrRoutingConfig>":         "IP addresses",
		"<TrafficPolicyInstanceId>t</TrafficPolicyInstanceId>":                          "a traffic policy",
		"<Failover>SECONDARY</Failover>":                                                "", "": "",
	} {
		answers := standing()
		answers["GET /2013-04-01/hostedzone/Z1/rrset"] = fmt.Sprintf(
			`<R><ResourceRecordSets><ResourceRecordSet><Name>x.app.test.</Name><Type>A</Type>%s</ResourceRecordSet></ResourceRecordSets><IsTruncated>false</IsTruncated></R>`,
			element,
		)
		read, err := controlPlane(t, answers).Read(t.Context())
		if err != nil || read.Zones[0].Sets[0].Policy != want {
			t.Errorf("%s: %+v, %v; want the policy %q", element, read.Zones, err, want)
		}
	}
}

// A control plane that cannot be read is an error that names the list.
func TestUnreadableControlPlane(t *testing.T) {
	for list, want := range map[string]string{
		"GET /2013-04-01/hostedzone":          "reading hostedzone:",
		"GET /2013-04-01/hostedzone/Z2/rrset": "reading hostedzone/Z2/rrset:",
		"GET /2013-04-01/healthcheck":         "reading healthcheck:",
		"us-west-2 DescribeLoadBalancers":     "reading load balancers of us-west-2: DescribeLoadBalancers:",
		"us-east-1 DescribeTargetGroups":      "reading load balancers of us-east-1: DescribeTargetGroups:",
	} {
		for _, answer := range []string{"", "<R>"} {
			answers := standing()
			if answers[list] = answer; answer == "" {
				delete(answers, list)
			}
			if _, err := controlPlane(t, answers).Read(t.Context()); err == nil || !strings.HasPrefix(err.Error(), want) {
				t.Errorf("%s answered %q: %v, want %s", list, answer, err, want)
			}
		}
	}
}
