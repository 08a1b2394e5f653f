package instance

import (
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"

	"warmstandby/test/local/testwait"
)

const testAccount = "000000000000"

// busPair is a bus in each region, with a queue that gets every event that reaches the bus.
type busPair struct {
	aws
	queues map[string]string // the queue's URL, by region
	lost   map[string]string // the URL of the forwarding target's dead-letter queue, by region
}

// newBusPair makes the buses and, from each, a rule that forwards to the other region what its pattern lets through.
func newBusPair(a aws, bus string, pattern func(region string) string) busPair {
	a.t.Helper()
	p := busPair{aws: a, queues: map[string]string{}, lost: map[string]string{}}
	for _, region := range []string{east, west} {
		a.json(region, "events", "CreateEventBus", object{"Name": bus})
		p.queues[region] = a.queue(region, bus+"-inbox")
		p.lost[region] = a.queue(region, bus+"-lost")
		a.rule(region, bus, "inbox", `{"source":[{"prefix":""}]}`, object{"Arn": queueARN(region, bus+"-inbox")})
		a.rule(region, bus, "forward", pattern(region), object{
			"Arn": busARN(other(region), bus), "RoleArn": a.forwarder(),
			"DeadLetterConfig": object{"Arn": queueARN(region, bus+"-lost")},
		})
	}
	return p
}

func other(region string) string {
	if region == east {
		return west
	}
	return east
}

// ownRegion is the guard of a forwarding rule: only events that began in its region.
func ownRegion(region string) string { return `{"region":["` + region + `"]}` }

func busARN(region, name string) string {
	return "arn:aws:events:" + region + ":" + testAccount + ":event-bus/" + name
}

func queueARN(region, name string) string {
	return "arn:aws:sqs:" + region + ":" + testAccount + ":" + name
}

// queue makes a queue to which rules and topics may send, and returns its URL.
func (a aws) queue(region, name string) (url string) {
	a.t.Helper()
	policy := policyOf(object{
		"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": queueARN(region, name),
		"Principal": object{"Service": []string{"events.amazonaws.com", "sns.amazonaws.com"}},
	})
	made := a.json(region, "sqs", "CreateQueue", object{"QueueName": name, "Attributes": object{"Policy": policy}})
	return made["QueueUrl"].(string)
}

func (a aws) rule(region, bus, name, pattern string, target object) {
	a.t.Helper()
	a.json(region, "events", "PutRule", object{"Name": name, "EventBusName": bus, "EventPattern": pattern})
	target["Id"] = "target"
	a.json(region, "events", "PutTargets", object{"Rule": name, "EventBusName": bus, "Targets": []object{target}})
}

// put sends one event and returns its id.
func (a aws) put(region, bus string, number int) (id string, err error) {
	status, output, err := a.sendJSON(region, "events", "PutEvents", object{"Entries": []object{{
		"EventBusName": bus, "Source": "test.records", "DetailType": "Record Stored",
		"Detail": fmt.Sprintf(`{"number":%d}`, number), "Resources": []string{"arn:aws:s3:::records"},
	}}})
	if err != nil {
		return "", err
	}
	entries, _ := output["Entries"].([]any)
	if len(entries) != 1 {
		return "", fmt.Errorf("putting event %d in %s: %d %v", number, region, status, output)
	}
	id, _ = entries[0].(map[string]any)["EventId"].(string)
	return id, nil
}

// drained is a message: an event, and the attributes beside it.
type drained struct {
	ID, Region, Time, Account, Source string
	DetailType                        string `json:"detail-type"`
	Resources                         []string
	Detail                            struct{ Number int }
	attributes                        map[string]any
}

// drain returns the messages of a queue.
func (a aws) drain(region, url string) []drained {
	a.t.Helper()
	var all []drained
	for {
		output := a.json(region, "sqs", "ReceiveMessage", object{
			"QueueUrl": url, "MaxNumberOfMessages": 10, "MessageAttributeNames": []string{"All"}, "VisibilityTimeout": 600,
		})
		messages, _ := output["Messages"].([]any)
		if len(messages) == 0 {
			return all
		}
		for _, m := range messages {
			var event drained
			message := m.(map[string]any)
			if err := json.Unmarshal([]byte(message["Body"].(string)), &event); err != nil {
				a.t.Fatalf("a message of %s that is no event: %v: %v", url, err, message["Body"])
			}
			event.attributes, _ = message["MessageAttributes"].(map[string]any)
			all = append(all, event)
		}
	}
}

// awaitEvents returns the messages of a region's queue, of which there is one at least.
func (p busPair) awaitEvents(region string) (all []drained) {
	p.t.Helper()
	testwait.Until(p.t, "an event arrives", func() error {
		if all = p.drain(region, p.queues[region]); len(all) == 0 {
			return errors.New("the queue is empty")
		}
		return nil
	})
	return all
}

// Each event reaches both regions once under parallel puts.
func TestEventsReachBothRegions(t *testing.T) {
	t.Parallel()
	const puts = 50 // a region
	p := newBusPair(aws{t, newEnvironment(t).up().Endpoint}, "records", ownRegion)
	var mu sync.Mutex
	origin := map[string]string{} // region, by event id
	var group sync.WaitGroup
	for _, region := range []string{east, west} {
		for number := range puts {
			group.Go(func() {
				id, err := p.put(region, "records", number)
				mu.Lock()
				defer mu.Unlock()
				if err != nil || origin[id] != "" {
					t.Errorf("putting event %d in %s: id %q, %v", number, region, id, err)
				}
				origin[id] = region
			})
		}
	}
	group.Wait()
	times := map[string]string{}
	for _, region := range []string{east, west} {
		copies := map[string]int{}
		for _, event := range p.drain(region, p.queues[region]) {
			copies[event.ID]++
			if event.Region != origin[event.ID] {
				t.Errorf("in %s event %s says it is from %q, and it was put in %q", region, event.ID, event.Region, origin[event.ID])
			}
			if event.Account != testAccount || event.Source != "test.records" || event.DetailType != "Record Stored" || len(event.Resources) != 1 {
				t.Errorf("in %s an event has changed: %+v", region, event)
			}
			if seen := times[event.ID]; seen != "" && seen != event.Time {
				t.Errorf("event %s has the times %s and %s", event.ID, seen, event.Time)
			}
			times[event.ID] = event.Time
		}
		for id, from := range origin {
			if copies[id] != 1 {
				t.Errorf("%s has %d copies of event %s of %s, want 1", region, copies[id], id, from)
			}
		}
		if lost := p.drain(region, p.lost[region]); len(copies) != 2*puts || len(lost) != 0 {
			t.Errorf("%s has %d events and %d dead letters, want %d and none", region, len(copies), len(lost), 2*puts)
		}
	}
}

// Forwarding works after down and up and fills the other archive.
func TestForwardingAfterRestart(t *testing.T) {
	t.Parallel()
	e := newEnvironment(t)
	p := newBusPair(aws{t, e.up().Endpoint}, "records", ownRegion)
	p.json(west, "events", "CreateArchive", object{"ArchiveName": "records", "EventSourceArn": busARN(west, "records")})
	e.down()
	p.endpoint = e.up().Endpoint
	id, err := p.put(east, "records", 1)
	if err != nil {
		t.Fatal(err)
	}
	if got := p.drain(west, p.queues[west]); len(got) != 1 || got[0].ID != id || got[0].Detail.Number != 1 {
		t.Errorf("us-west-2 got %+v, want event %s", got, id)
	}
	if count := p.json(west, "events", "DescribeArchive", object{"ArchiveName": "records"})["EventCount"]; count != 1.0 {
		t.Errorf("the archive in us-west-2 holds %v events, want 1", count)
	}
}

func TestAnEventThatCannotBeForwardedIsADeadLetter(t *testing.T) {
	t.Parallel()
	a := aws{t, newEnvironment(t).up().Endpoint}
	for name, test := range map[string]struct {
		bus, pattern string
		break_       func(p busPair)
		copies       int    // in us-west-2, of one event put in us-east-1
		lostIn, code string // where the dead letter is, and why
	}{
		"the bus is not there": {
			bus: "gone", pattern: `{"source":["test.records"]}`, lostIn: east, code: "NO_RESOURCE",
			break_: func(p busPair) {
				for _, rule := range []string{"inbox", "forward"} { // EventBridge keeps a bus that has rules, and a rule that has targets.
					p.json(west, "events", "RemoveTargets", object{"Rule": rule, "EventBusName": "gone", "Ids": []string{"target"}})
					p.json(west, "events", "DeleteRule", object{"Name": rule, "EventBusName": "gone"})
				}
				p.json(west, "events", "DeleteEventBus", object{"Name": "gone"})
			},
		},
		"a rule without a guard sends it back": {
			bus: "unguarded", pattern: `{"source":["test.records"]}`, copies: 1, lostIn: west, code: "THIRD_REGION_HOP_DETECTED",
			break_: func(busPair) {},
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := newBusPair(aws{t, a.endpoint}, test.bus, func(string) string { return test.pattern })
			test.break_(p)
			id, err := p.put(east, test.bus, 1)
			if err != nil {
				t.Fatal(err)
			}
			if here, there := len(p.drain(east, p.queues[east])), len(p.drain(west, p.queues[west])); here != 1 || there != test.copies {
				t.Errorf("%d copies in us-east-1 and %d in us-west-2, want 1 and %d", here, there, test.copies)
			}
			lost := p.drain(test.lostIn, p.lost[test.lostIn])
			if len(lost) != 1 || lost[0].ID != id || lost[0].Region != east {
				t.Fatalf("the dead letters in %s are %+v, want event %s", test.lostIn, lost, id)
			}
			for attribute, want := range map[string]string{
				"ERROR_CODE": test.code, "TARGET_ARN": busARN(other(test.lostIn), test.bus),
				"RULE_ARN": "arn:aws:events:" + test.lostIn + ":" + testAccount + ":rule/" + test.bus + "/forward",
			} {
				value, _ := lost[0].attributes[attribute].(map[string]any)
				if value["StringValue"] != want {
					t.Errorf("the dead letter's %s is %v, want %s", attribute, value, want)
				}
			}
		})
	}
}

func TestAQueueIsReachedThroughTheGateway(t *testing.T) {
	t.Parallel()
	e := newEnvironment(t)
	a := aws{t, e.up().Endpoint}
	if url, want := a.queue(west, "records"), a.endpoint+"/"+testAccount+"/records"; url != want {
		t.Errorf("the queue's URL is %s, want %s", url, want)
	}
}

func TestABusPolicyReadsBackAsPut(t *testing.T) {
	t.Parallel()
	e := newEnvironment(t)
	a := aws{t, e.up().Endpoint}
	a.json(west, "events", "CreateEventBus", object{"Name": "records"})
	const document = `{"Version":"2012-10-17","Statement":[{"Sid":"forwarders","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::000000000000:role/forward"},"Action":"events:PutEvents","Resource":"arn:aws:events:us-west-2:000000000000:event-bus/records"}]}`
	for range 2 {
		a.json(west, "events", "PutPermission", object{"EventBusName": "records", "Policy": document})
	}
	e.down()
	a.endpoint = e.up().Endpoint
	if got := a.json(west, "events", "DescribeEventBus", object{"Name": "records"})["Policy"]; got != document {
		t.Errorf("the policy is %v, want %s", got, document)
	}
	a.json(west, "events", "RemovePermission", object{"EventBusName": "records", "RemoveAllPermissions": true})
	if got, ok := a.json(west, "events", "DescribeEventBus", object{"Name": "records"})["Policy"]; ok {
		t.Errorf("the policy is %v after its removal", got)
	}
}
