package instance

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"warmstandby/test/local/fault"
	"warmstandby/test/local/testwait"
)

// function makes a function of Node.js from the text of its module, which exports handler, and returns its ARN.
func (a aws) function(region, name, module string) (arn string) {
	a.t.Helper()
	var code bytes.Buffer
	archive := zip.NewWriter(&code)
	file, err := archive.Create("index.mjs")
	if err == nil {
		_, err = io.WriteString(file, module)
	}
	if err := errors.Join(err, archive.Close()); err != nil {
		a.t.Fatal(err)
	}
	body, err := json.Marshal(object{
		"FunctionName": name, "Runtime": "nodejs22.x", "Handler": "index.handler", "Role": a.functionRole(),
		"Timeout": 5, "Code": object{"ZipFile": code.Bytes()},
	})
	if err != nil {
		a.t.Fatal(err)
	}
	var made struct{ FunctionArn string }
	if err := json.Unmarshal([]byte(a.lambda(region, "/2015-03-31/functions", string(body))), &made); err != nil {
		a.t.Fatal(err)
	}
	return made.FunctionArn
}

// lambda sends a request of Lambda's, whose answer must be good.
func (a aws) lambda(region, path, body string) string {
	a.t.Helper()
	request, err := http.NewRequestWithContext(a.t.Context(), http.MethodPost, a.endpoint+path, strings.NewReader(body))
	if err != nil {
		a.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	sign(request, region, "lambda")
	status, answer := a.do(request)
	if status >= http.StatusBadRequest {
		a.t.Fatalf("%s in %s: %d %s", path, region, status, answer)
	}
	return answer
}

// invokeAtOnce sends a function of us-west-2 requests at once, and returns the channel of their answers.
func (a aws) invokeAtOnce(name string, requests int) chan string {
	answers := make(chan string, requests)
	for range requests {
		go func() {
			answer := "nothing"
			defer func() { answers <- answer }() // also when the request ends the test
			answer = a.lambda(west, "/2015-03-31/functions/"+name+"/invocations", "{}")
		}()
	}
	return answers
}

// balance puts a function behind a load balancer and returns the load balancer's DNS name and the target group's ARN.
func (a aws) balance(region, function string) (name, group string) {
	a.t.Helper()
	const elb = "elasticloadbalancing"
	balancer := a.query(
		region, elb, "CreateLoadBalancer", "Name", "alb-"+region, "Subnets.member.1", "subnet-1", "Subnets.member.2", "subnet-2",
	)
	group = a.field(a.query(region, elb, "CreateTargetGroup", "Name", "tg-"+region, "TargetType", "lambda",
		"HealthCheckEnabled", "true", "HealthCheckPath", "/healthz"), "TargetGroupArn")
	a.lambda(
		region,
		"/2015-03-31/functions/"+url.PathEscape(function)+"/policy",
		`{"StatementId":"balancer","Action":"lambda:InvokeFunction",`+
			`"Principal":"elasticloadbalancing.amazonaws.com","SourceArn":"`+group+`"}`,
	)
	a.query(region, elb, "RegisterTargets", "TargetGroupArn", group, "Targets.member.1.Id", function)
	a.query(region, elb, "CreateListener", "LoadBalancerArn", a.field(balancer, "LoadBalancerArn"), "Protocol", "HTTP", "Port", "80",
		"DefaultActions.member.1.Type", "forward", "DefaultActions.member.1.TargetGroupArn", group)
	return a.field(balancer, "DNSName"), group
}

// visit sends a load balancer a request, by its name in the Host header, and returns the answer.
func (a aws) visit(host, path string) (status int, body string) {
	a.t.Helper()
	status, body, err := a.visitUntil(testwait.Context(a.t), host, path)
	if err != nil {
		a.t.Fatal(err)
	}
	return status, body
}

func (a aws) visitUntil(ctx context.Context, host, path string) (status int, body string, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, a.endpoint+path, nil)
	if err != nil {
		return 0, "", err
	}
	request.Host = host
	return roundTrip(request)
}

func (a aws) health(region, group string) string {
	a.t.Helper()
	return a.query(region, "elasticloadbalancing", "DescribeTargetHealth", "TargetGroupArn", group)
}

// application answers /healthz and the path of each test, with the region that it runs in.
const application = `
const ok = (body) => ({ statusCode: 200, statusDescription: "200 OK", headers: { "content-type": "text/plain" }, body });
export const handler = async (event) => {
	console.log(event.path);
	switch (event.path) {
	case "/nothing": return { foo: 1 };
	case "/description": return { ...ok("x"), statusDescription: "fine" };
	case "/object": return { ...ok({ a: 1 }) };
	case "/large": return ok("x".repeat(1 << 20));
	case "/throws": throw new Error("no");
	case "/variables": return ok(process.env.WARMSTANDBY_NAME_SERVER + " " + process.env.FUNCTION_VARIABLES + " " + process.env.OWN);
	case "/query": return ok(JSON.stringify(event.queryStringParameters));
	default: return ok("here is " + process.env.AWS_REGION);
	}
};`

func TestAFunctionBehindALoadBalancerOfEachRegion(t *testing.T) {
	t.Parallel()
	e := newEnvironment(t)
	a := aws{t, e.up().Endpoint}
	names, groups := map[string]string{}, map[string]string{}
	for _, region := range []string{east, west} {
		names[region], groups[region] = a.balance(region, a.function(region, "app", application))
		if status, body := a.visit(names[region], "/records"); status != http.StatusOK || body != "here is "+region {
			t.Errorf("%s answers %d %q, want its own function", names[region], status, body)
		}
		if found := a.health(region, groups[region]); !strings.Contains(found, "<State>healthy</State>") {
			t.Errorf("the target in %s is %s", region, found)
		}
	}

	endpoint, err := url.Parse(a.endpoint)
	if err != nil {
		t.Fatal(err)
	}
	proxied := http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(endpoint), DisableKeepAlives: true}}
	response, err := proxied.Get("http://" + names[west] + "/records")
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(response.Body)
	response.Body.Close()
	if err != nil || string(body) != "here is "+west {
		t.Errorf("by the proxy %s answers %d %q, %v", names[west], response.StatusCode, body, err)
	}

	const query = `{"patient":"a%20%2B+b%25","empty":""}`
	if status, body := a.visit(names[east], "/query?patient=a%20%2B+b%25&empty="); status != http.StatusOK || body != query {
		t.Errorf("the function sees the query as %d %s, want it as it was sent: %s", status, body, query)
	}

	for _, path := range []string{"/nothing", "/description", "/object", "/large", "/throws"} {
		if status, body := a.visit(names[west], path); status != http.StatusBadGateway {
			t.Errorf("%s, which is no response, becomes %d %.80q, want 502", path, status, body)
		}
	}

	e.fault(east, fault.AppDown)
	if status, _ := a.visit(names[east], "/records"); status != http.StatusBadGateway {
		t.Errorf("the load balancer of an application that is down answers %d", status)
	}
	if found := a.health(east, groups[east]); !strings.Contains(found, "<Reason>Target.FailedHealthChecks</Reason>") {
		t.Errorf("the target of an application that is down is %s", found)
	}
	e.fault(east, fault.Unreachable)
	ctx, cancel := context.WithTimeout(t.Context(), noAnswerTimeout)
	defer cancel()
	if status, _, err := a.visitUntil(ctx, names[east], "/records"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the load balancer of a lost region answers %d, %v, want that it hangs", status, err)
	}
	if status, _ := a.visit(names[west], "/records"); status != http.StatusOK {
		t.Errorf("the other region's answers %d", status)
	}
}

// TestAFunctionOfALostRegionDoesNotRun invokes it by what the emulator does by itself, as schedules and subscriptions are:
// here a subscription in the region that is left, which is tried once.
func TestAFunctionOfALostRegionDoesNotRun(t *testing.T) {
	t.Parallel()
	e := newEnvironment(t)
	a := aws{t, e.up().Endpoint}
	function := a.function(east, "maintain", `export const handler = async (event) => { console.log("it ran"); };`)
	topic := a.field(a.query(west, "sns", "CreateTopic", "Name", "tasks"), "TopicArn")
	a.query(west, "sns", "Subscribe", "TopicArn", topic, "Protocol", "lambda", "Endpoint", function)
	invoke := func() { a.query(west, "sns", "Publish", "TopicArn", topic, "Message", "maintain") }

	e.fault(east, fault.Unreachable)
	invoke()
	e.heal()
	invoke()
	var lines int
	testwait.Until(t, "the function runs", func() error {
		status, output := a.tryJSON(east, "logs", "FilterLogEvents", object{"logGroupName": "/aws/lambda/maintain", "filterPattern": "it ran"})
		events, _ := output["events"].([]any)
		if lines = len(events); status != http.StatusOK || lines == 0 {
			return fmt.Errorf("its log is %d %v", status, output)
		}
		return nil
	})
	if lines != 1 {
		t.Errorf("the function ran %d times, want once, when its region was back", lines)
	}
}

// TestFreeProcessFirst has a process that is free before another one has started.
func TestFreeProcessFirst(t *testing.T) {
	t.Parallel()
	e := newEnvironment(t)
	a := aws{t, e.up().Endpoint}
	journal, gate := filepath.Join(t.TempDir(), "journal"), filepath.Join(t.TempDir(), "gate")
	// The second process starts when the gate is there, and the first request ends when the second process starts.
	a.function(west, "slow-to-start", fmt.Sprintf(`
import fs from "node:fs";
const [journal, gate] = [%q, %q];
const pause = () => new Promise((resolve) => setTimeout(resolve, 50));
const starts = () => (fs.existsSync(journal) ? fs.readFileSync(journal, "utf8") : "").match(/starts/g)?.length ?? 0;
const nth = starts() + 1;
fs.appendFileSync(journal, "starts\n");
while (nth > 1 && !fs.existsSync(gate)) await pause();
export const handler = async () => {
	console.log("in");
	while (starts() < 2) await pause();
	return nth;
};`, journal, gate))
	answers := a.invokeAtOnce("slow-to-start", 2)
	// If no request is answered, those that wait for the gate end before the run does.
	keepShut := context.AfterFunc(testwait.Context(t), func() { os.WriteFile(gate, nil, 0o600) })
	for range cap(answers) {
		if answer := <-answers; answer != "1" {
			t.Errorf("a request is answered by process %s, want the first, which was free while the second started", answer)
		}
	}
	keepShut()
	if err := os.WriteFile(gate, nil, 0o600); err != nil { // A process that starts ends when it has started.
		t.Fatal(err)
	}
}

// TestASlowStartIsFollowedByAPause has a process that starts as slowly as on a machine without a processor to spare. Requests are then
// answered by the process that there is, in less time than the pause, and no second one starts.
func TestASlowStartIsFollowedByAPause(t *testing.T) {
	t.Parallel()
	const requests = 10
	e := newEnvironment(t)
	a := aws{t, e.up().Endpoint}
	journal := filepath.Join(t.TempDir(), "journal")
	a.function(west, "slow-to-start", fmt.Sprintf(`
import fs from "node:fs";
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
fs.appendFileSync(%q, "starts\n");
await pause(4000);
export const handler = async () => {
	console.log("in");
	await pause(200);
	return "done";
};`, journal))
	answers := a.invokeAtOnce("slow-to-start", requests)
	for range requests {
		if answer := <-answers; answer != `"done"` {
			t.Errorf("a request is answered with %s", answer)
		}
	}
	content, err := os.ReadFile(journal)
	if err != nil {
		t.Fatal(err)
	}
	if starts := strings.Count(string(content), "starts"); starts != 1 {
		t.Errorf("%d processes start for %d requests, want one", starts, requests)
	}
}

// TestAStartThatHangsKeepsNoOtherFromStarting has the first process of a function never end its initialization. The request is answered
// by a second one, and both processes end with the emulator.
func TestAStartThatHangsKeepsNoOtherFromStarting(t *testing.T) {
	t.Parallel()
	e := newEnvironment(t)
	a := aws{t, e.up().Endpoint}
	journal := filepath.Join(t.TempDir(), "journal")
	a.function(west, "hangs-at-first", fmt.Sprintf(`
import fs from "node:fs";
const journal = %q;
const first = !fs.existsSync(journal);
fs.appendFileSync(journal, process.pid + "\n");
if (first) await new Promise(() => setInterval(() => {}, 1000));
export const handler = async () => "done";`, journal))
	if answer := <-a.invokeAtOnce("hangs-at-first", 1); answer != `"done"` {
		t.Errorf("the request is answered with %s", answer)
	}
	content, err := os.ReadFile(journal)
	if err != nil {
		t.Fatal(err)
	}
	started := strings.Fields(string(content))
	if len(started) != 2 {
		t.Errorf("the processes %q have started, want one after the one that hangs", started)
	}
	e.down()
	for _, process := range started {
		pid, err := strconv.Atoi(process)
		if err != nil {
			t.Fatal(err)
		}
		testwait.Until(t, "process "+process+" ends", func() error {
			if err := syscall.Kill(pid, 0); !errors.Is(err, syscall.ESRCH) {
				return fmt.Errorf("it is asked with the result %w", err)
			}
			return nil
		})
	}
}

// TestProcessesOfAFunctionStartOneAfterAnother lets requests hang until all have a process of their own.
func TestProcessesOfAFunctionStartOneAfterAnother(t *testing.T) {
	t.Parallel()
	const requests = 5
	e := newEnvironment(t)
	a := aws{t, e.up().Endpoint}
	journal := filepath.Join(t.TempDir(), "journal")
	a.function(west, "busy", fmt.Sprintf(`
import fs from "node:fs";
const journal = %q;
const write = (what) => fs.appendFileSync(journal, what + "\n");
const pause = () => new Promise((resolve) => setTimeout(resolve, 50));
write("starts");
await pause();
write("started");
export const handler = async () => {
	console.log("in");
	write("in " + process.pid);
	while (new Set(fs.readFileSync(journal, "utf8").match(/in \d+/g)).size < %d) await pause();
	return "all in";
};`, journal, requests))
	answers := a.invokeAtOnce("busy", requests)
	for range requests {
		if answer := <-answers; answer != `"all in"` {
			t.Errorf("a request is answered with %s", answer)
		}
	}
	content, err := os.ReadFile(journal)
	if err != nil {
		t.Fatal(err)
	}
	before := "started"
	for line := range strings.FieldsFuncSeq(string(content), func(r rune) bool { return r == '\n' }) {
		if strings.HasPrefix(line, "start") {
			if line == before {
				t.Errorf("a process starts while another does:\n%s", content)
				break
			}
			before = line
		}
	}
}

func TestANodeFunctionTrustsTheDatabasesAuthority(t *testing.T) {
	t.Parallel()
	e := newEnvironment(t)
	a := aws{t, e.up().Endpoint}
	globalDatabase(a)
	// The opening of PostgreSQL's protocol: SSLRequest, answered by S, then TLS. PostgreSQL: "Frontend/Backend Protocol", SSL.
	const module = `
import net from "node:net";
import tls from "node:tls";
export const handler = ({ host, port }) => new Promise((resolve) => {
	console.log("connecting");
	const socket = net.connect(port, host, () => socket.write(Buffer.from([0, 0, 0, 8, 4, 210, 22, 47])));
	socket.once("data", () => {
		const secure = tls.connect({ socket, host }, () => { secure.end(); resolve("trusted"); });
		secure.on("error", (error) => resolve(error.code));
	});
});`
	a.function(west, "verify", module)
	for name, target := range map[string]string{
		"the writer endpoint": a.writerEndpoint(east, eastCluster), "a member": a.clusterEndpoint(west, westCluster),
	} {
		host, port, _ := strings.Cut(strings.TrimPrefix(target, "host="), " port=")
		if got := a.lambda(west, "/2015-03-31/functions/verify/invocations", `{"host":"`+host+`","port":`+port+`}`); got != `"trusted"` {
			t.Errorf("%s: %s, want that it is trusted", name, got)
		}
	}
	if status, err := e.folder.Status(t.Context()); err != nil || status.CA != e.folder.path("aurora", "ca.pem") {
		t.Errorf("the status names the authority %q, %v", status.CA, err)
	}
}
