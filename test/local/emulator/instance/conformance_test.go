package instance

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// Tests of the gateway's handlers with the real emulator: each must understand MiniStack's requests and responses. The details of
// each handler are tested in package gateway against a fake emulator.

func TestPeeringOptionsAreKeptOverDownAndUp(t *testing.T) {
	t.Parallel()
	e := newEnvironment(t)
	a := aws{t, e.up().Endpoint}
	requester, accepter := a.vpc(east, "10.0.0.0/16"), a.vpc(west, "10.1.0.0/16")
	id := a.field(
		a.query(east, "ec2", "CreateVpcPeeringConnection", "VpcId", requester, "PeerVpcId", accepter, "PeerRegion", west),
		"vpcPeeringConnectionId",
	)
	const option = ".AllowDnsResolutionFromRemoteVpc"
	set := func(region, peer string) (int, string) {
		return a.try(
			region, "ec2", "ModifyVpcPeeringConnectionOptions", "VpcPeeringConnectionId", id, peer+"PeeringConnectionOptions"+option, "true",
		)
	}
	if status, body := set(east, "Requester"); status != http.StatusBadRequest || !strings.Contains(body, "OperationNotPermitted") {
		t.Errorf("options of a connection that is not active: %d %s", status, body)
	}
	a.query(west, "ec2", "AcceptVpcPeeringConnection", "VpcPeeringConnectionId", id)
	if status, body := set(east, "Accepter"); status != http.StatusBadRequest || !strings.Contains(
		body, "Accepter&#39;s VPC Peering connection options cannot be modified for a different region",
	) {
		t.Errorf("the accepter's options set in the requester's region: %d %s", status, body)
	}
	for region, peer := range map[string]string{east: "Requester", west: "Accepter"} {
		if status, body := set(region, peer); status != http.StatusOK {
			t.Errorf("%s options in %s: %d %s", peer, region, status, body)
		}
	}
	e.down()
	a.endpoint = e.up().Endpoint
	for _, region := range []string{east, west} {
		described := a.query(region, "ec2", "DescribeVpcPeeringConnections", "VpcPeeringConnectionId.1", id)
		if got := strings.Count(described, "<allowDnsResolutionFromRemoteVpc>true<"); got != 2 {
			t.Errorf("in %s %d peers resolve DNS, want both: %s", region, got, described)
		}
	}
}

func TestEndpointAndFlowLogReadBackAsPut(t *testing.T) {
	t.Parallel()
	e := newEnvironment(t)
	a := aws{t, e.up().Endpoint}
	vpc := a.vpc(west, "10.1.0.0/16")
	endpoint := a.field(a.query(west, "ec2", "CreateVpcEndpoint", "VpcId", vpc, "ServiceName", "com.amazonaws.us-west-2.sts",
		"VpcEndpointType", "Interface", "PrivateDnsEnabled", "true", "SecurityGroupId.1", "sg-1", "SecurityGroupId.2", "sg-2"), "vpcEndpointId")
	described := a.query(west, "ec2", "DescribeVpcEndpoints", "VpcEndpointId.1", endpoint)
	for _, want := range []string{"<privateDnsEnabled>true<", "<groupId>sg-1<", "<groupId>sg-2<"} {
		if !strings.Contains(described, want) {
			t.Errorf("the endpoint lacks %s: %s", want, described)
		}
	}
	created := a.query(west, "ec2", "CreateFlowLogs", "ResourceId.1", vpc, "ResourceType", "VPC", "TrafficType", "REJECT",
		"LogDestinationType", "cloud-watch-logs", "LogDestination", "arn:aws:logs:us-west-2:000000000000:log-group:flow",
		"DeliverLogsPermissionArn", "arn:aws:iam::000000000000:role/flow", "MaxAggregationInterval", "60",
		"TagSpecification.1.ResourceType", "vpc-flow-log", "TagSpecification.1.Tag.1.Key", "Name", "TagSpecification.1.Tag.1.Value",
		"flow <west>")
	described = a.query(west, "ec2", "DescribeFlowLogs", "FlowLogId.1", a.field(created, "item"))
	for _, want := range []string{
		"<trafficType>REJECT<", "<deliverLogsPermissionArn>arn:aws:iam::000000000000:role/flow<", "<maxAggregationInterval>60<",
		"<logGroupName>flow<", "<key>Name</key><value>flow &lt;west&gt;</value>",
	} {
		if !strings.Contains(described, want) {
			t.Errorf("the flow log lacks %s: %s", want, described)
		}
	}
}

func TestS3ControlByAccountHostName(t *testing.T) {
	t.Parallel()
	a := aws{t, newEnvironment(t).up().Endpoint}
	send := func(method, path, host, service, body string) (int, string) {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), method, a.endpoint+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		request.Host = host
		sign(request, east, service)
		return a.do(request)
	}
	own := strings.TrimPrefix(a.endpoint, "http://")
	if status, body := send(http.MethodPut, "/records", own, "s3", ""); status != http.StatusOK {
		t.Fatalf("making a bucket: %d %s", status, body)
	}
	const tagging = `<Tagging><TagSet><Tag><Key>Purpose</Key><Value>records</Value></Tag></TagSet></Tagging>`
	if status, body := send(http.MethodPut, "/records?tagging", own, "s3", tagging); status >= 300 {
		t.Fatalf("tagging the bucket: %d %s", status, body)
	}
	status, body := send(http.MethodGet, "/v20180820/tags/arn%3Aaws%3As3%3A%3A%3Arecords", "000000000000."+own, "s3", "")
	if status != http.StatusOK || !strings.Contains(body, "<Value>records</Value>") {
		t.Errorf("the bucket's tags by S3 Control: %d %s", status, body)
	}
}

// TestALoadBalancerIsReachedByName sends what curl and Go clients send with HTTP_PROXY set to the endpoint.
func TestALoadBalancerIsReachedByName(t *testing.T) {
	t.Parallel()
	a := aws{t, newEnvironment(t).up().Endpoint}
	var got *http.Request
	target := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r
		io.WriteString(w, "target "+r.URL.Path)
	}))
	defer target.Close()
	address, err := url.Parse(target.URL)
	if err != nil {
		t.Fatal(err)
	}
	const elb = "elasticloadbalancing"
	balancer := a.query(west, elb, "CreateLoadBalancer", "Name", "alb-west", "Subnets.member.1", "subnet-1", "Subnets.member.2", "subnet-2")
	group := a.field(
		a.query(
			west, elb, "CreateTargetGroup", "Name", "tg-west", "Protocol", "HTTP", "Port", address.Port(), "TargetType", "ip", "VpcId",
			a.vpc(west, "10.1.0.0/16"),
		),
		"TargetGroupArn",
	)
	a.query(
		west, elb, "RegisterTargets", "TargetGroupArn", group, "Targets.member.1.Id", address.Hostname(), "Targets.member.1.Port", address.Port(),
	)
	a.query(west, elb, "CreateListener", "LoadBalancerArn", a.field(balancer, "LoadBalancerArn"), "Protocol", "HTTP", "Port", "80",
		"DefaultActions.member.1.Type", "forward", "DefaultActions.member.1.TargetGroupArn", group)

	endpoint, err := url.Parse(a.endpoint)
	if err != nil {
		t.Fatal(err)
	}
	client := http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(endpoint), DisableKeepAlives: true}}
	for _, host := range []string{a.field(balancer, "DNSName"), "alb-west.alb.localhost"} {
		for _, path := range []string{"/records/1", "/health"} {
			got = nil
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+host+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("Authorization", "Bearer token")
			response, err := client.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(response.Body)
			response.Body.Close()
			if err != nil || string(body) != "target "+path {
				t.Errorf("http://%s%s: %d %.80q %v, want the target's answer", host, path, response.StatusCode, body, err)
				continue
			}
			if got.Header.Get("Authorization") != "Bearer token" {
				t.Errorf("the target got Authorization %q, want the client's own", got.Header.Get("Authorization"))
			}
			for name := range got.Header {
				if strings.HasPrefix(name, "X-Warmstandby") {
					t.Errorf("the target got the gateway's own header %s", name)
				}
			}
			if got.URL.RawQuery != "" {
				t.Errorf("the target got the query %q, and the client sent none", got.URL.RawQuery)
			}
		}
	}
}
