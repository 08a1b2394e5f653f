package gateway

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// flowLogFields are what the emulator forgets of a flow log.
type flowLogFields struct {
	Role, Group, Format string
	Interval            int // of aggregation, in seconds
}

const (
	// defaultInterval is the aggregation interval of a flow log that was given none, in seconds.
	// AWS: Amazon EC2 API Reference, CreateFlowLogs, MaxAggregationInterval.
	defaultInterval = 600
	// defaultFormat is the record format of a flow log that was given none.
	// AWS: Amazon VPC User Guide, "Flow log records", default format.
	defaultFormat = "${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} ${protocol} ${packets} ${bytes} ${start} ${end} ${action} ${log-status}"
)

// flowLogFilters are those of DescribeFlowLogs.
var flowLogFilters = fields{
	"deliver-log-status":   {"deliverLogsStatus"},
	"flow-log-id":          {"flowLogId"},
	"log-destination-type": {"logDestinationType"},
	"log-group-name":       {"logGroupName"},
	"resource-id":          {"resourceId"},
	"traffic-type":         {"trafficType"},
}

type flowLogGap struct{ fields *table[flowLogFields] }

func newFlowLogFields(folder string) (Gap, error) {
	fields, err := openTable[flowLogFields](folder, "flow-logs")
	f := flowLogGap{fields}
	return Gap{
		Name:    "flow log fields",
		AWS:     "DescribeFlowLogs returns role, log group, format, aggregation interval and tags as they were put by CreateFlowLogs.",
		Source:  "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_FlowLog.html",
		Matches: ec2("CreateFlowLogs", "DescribeFlowLogs", "DeleteFlowLogs"),
		Serve: func(g *Gateway, w http.ResponseWriter, c *Call) {
			switch c.Action {
			case "CreateFlowLogs":
				c.setForm(emulatorTags(c.Form))
				g.edit(w, c, func(root *element) error { return f.create(c.Form, root) })
			case "DeleteFlowLogs":
				g.edit(w, c, func(*element) error { return f.fields.remove(members(c.Form, "FlowLogId")...) })
			default:
				g.describe(w, c, flowLogFilters, "flowLogSet", f.complete)
			}
		},
	}, err
}

// emulatorTags renames the tags' resource type from AWS's vpc-flow-log to the one that the emulator looks for.
func emulatorTags(form url.Values) url.Values {
	for key := range form {
		if strings.HasPrefix(key, "TagSpecification.") && strings.HasSuffix(key, ".ResourceType") && form.Get(key) == "vpc-flow-log" {
			form.Set(key, "flow-log")
		}
	}
	return form
}

func (f flowLogGap) create(form url.Values, root *element) error {
	fields := flowLogFields{
		Role:     form.Get("DeliverLogsPermissionArn"),
		Group:    logGroup(form),
		Format:   form.Get("LogFormat"),
		Interval: defaultInterval,
	}
	if fields.Format == "" {
		fields.Format = defaultFormat
	}
	if interval, err := strconv.Atoi(form.Get("MaxAggregationInterval")); err == nil {
		fields.Interval = interval
	}
	for _, id := range root.items("flowLogIdSet") {
		if err := f.fields.update(id.Text, func(row *flowLogFields) { *row = fields }); err != nil {
			return err
		}
	}
	return nil
}

// logGroup returns the name of the log group that a request names by name or ARN:
// arn:aws:logs:us-east-1:111122223333:log-group:NAME, with :* behind it or not.
func logGroup(form url.Values) string {
	if name := form.Get("LogGroupName"); name != "" {
		return name
	}
	_, name, _ := strings.Cut(form.Get("LogDestination"), ":log-group:")
	return strings.TrimSuffix(name, ":*")
}

// complete adds the kept fields to a flow log's description.
func (f flowLogGap) complete(item *element) {
	fields, ok := f.fields.get(item.textAt("flowLogId"))
	if !ok {
		return
	}
	item.set(
		text("maxAggregationInterval", strconv.Itoa(fields.Interval)),
		text("logFormat", fields.Format),
		text("deliverLogsStatus", "SUCCESS"),
	)
	if fields.Role != "" {
		item.set(text("deliverLogsPermissionArn", fields.Role))
	}
	if fields.Group != "" {
		item.set(text("logGroupName", fields.Group))
	}
}
