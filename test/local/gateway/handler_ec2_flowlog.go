package gateway

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// flowLogFields are the fields of a flow log that the emulator does not keep. Their names are keys of flow-logs.json.
type flowLogFields struct {
	Role, Group, Format string
	Interval            int // of aggregation, in seconds
}

const (
	// defaultInterval is the aggregation interval of a flow log without one of its own, in seconds. AWS: Amazon EC2 API
	// Reference, CreateFlowLogs, MaxAggregationInterval.
	defaultInterval = 600
	// defaultFormat is the record format of a flow log without one of its own. AWS: Amazon VPC User Guide, "Flow log records",
	// default format.
	defaultFormat = "${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} ${protocol} ${packets} ${bytes} ${start} ${end} ${action} ${log-status}"
)

// flowLogFilters are the filters of DescribeFlowLogs.
var flowLogFilters = filterPaths{
	"deliver-log-status":   {"deliverLogsStatus"},
	"flow-log-id":          {"flowLogId"},
	"log-destination-type": {"logDestinationType"},
	"log-group-name":       {"logGroupName"},
	"resource-id":          {"resourceId"},
	"traffic-type":         {"trafficType"},
}

type flowLogHandler struct{ fields *table[flowLogFields] }

func newFlowLogFields(folder string) (Handler, error) {
	fields, err := openTable[flowLogFields](folder, "flow-logs")
	h := flowLogHandler{fields}
	return Handler{
		Name:    "flow log fields",
		AWS:     "DescribeFlowLogs returns role, log group, format, aggregation interval and tags as they were put by CreateFlowLogs.",
		Source:  "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_FlowLog.html",
		Matches: matchEC2("CreateFlowLogs", "DescribeFlowLogs", "DeleteFlowLogs"),
		Serve: func(g *Gateway, w http.ResponseWriter, c *Call) {
			switch c.Action {
			case "CreateFlowLogs":
				c.setForm(emulatorTags(c.Form))
				g.serveEdited(w, c, func(root *xmlElement) error { return h.create(c.Form, root) })
			case "DeleteFlowLogs":
				g.serveEdited(w, c, func(*xmlElement) error { return h.fields.remove(listParam(c.Form, "FlowLogId")...) })
			default:
				g.serveDescribe(w, c, flowLogFilters, "flowLogSet", h.complete)
			}
		},
	}, err
}

// emulatorTags renames the resource type of tags from AWS's vpc-flow-log to flow-log, the name that the emulator knows.
func emulatorTags(form url.Values) url.Values {
	for key := range form {
		if strings.HasPrefix(key, "TagSpecification.") && strings.HasSuffix(key, ".ResourceType") && form.Get(key) == "vpc-flow-log" {
			form.Set(key, "flow-log")
		}
	}
	return form
}

func (h flowLogHandler) create(form url.Values, root *xmlElement) error {
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
		if err := h.fields.update(id.Text, func(row *flowLogFields) { *row = fields }); err != nil {
			return err
		}
	}
	return nil
}

// logGroup returns the name of the log group that a request gives by name or ARN:
// arn:aws:logs:us-east-1:111122223333:log-group:NAME, with or without the suffix :*.
func logGroup(form url.Values) string {
	if name := form.Get("LogGroupName"); name != "" {
		return name
	}
	_, name, _ := strings.Cut(form.Get("LogDestination"), ":log-group:")
	return strings.TrimSuffix(name, ":*")
}

// complete adds the kept fields to a flow log's description.
func (h flowLogHandler) complete(item *xmlElement) {
	fields, ok := h.fields.get(item.findText("flowLogId"))
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
