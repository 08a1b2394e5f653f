package gateway

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// ec2Namespace is the XML namespace of EC2's answers. AWS: Amazon EC2 API Reference, "Making API requests".
const ec2Namespace = "http://ec2.amazonaws.com/doc/2016-11-15/"

// ec2Answer is a good answer to an EC2 operation.
func ec2Answer(action string, fields ...*element) answer {
	root := newElement(action+"Response", append([]*element{text("requestId", requestID())}, fields...)...)
	root.Attributes = []attribute{{"xmlns", ec2Namespace}}
	return answer{Status: http.StatusOK, Header: xmlHeader(), Body: root.document()}
}

// ec2Error is EC2's answer to a call that it refuses. AWS: Amazon EC2 Developer Guide, "Error codes for the Amazon EC2 API".
func ec2Error(code, message string) answer {
	root := newElement("Response",
		newElement("Errors", newElement("Error", text("Code", code), text("Message", message))),
		text("RequestID", requestID()))
	return answer{Status: http.StatusBadRequest, Header: xmlHeader(), Body: root.document()}
}

func xmlHeader() http.Header {
	return http.Header{"Content-Type": {"text/xml;charset=UTF-8"}}
}

// members returns a query-protocol list: Name.1, Name.2, up to the first gap.
func members(form url.Values, name string) []string {
	var values []string
	for i := 1; ; i++ {
		key := fmt.Sprintf("%s.%d", name, i)
		if !form.Has(key) {
			return values
		}
		values = append(values, form.Get(key))
	}
}

// boolean returns a query-protocol boolean, or absent when it is not there.
func boolean(form url.Values, name string, absent bool) bool {
	if !form.Has(name) {
		return absent
	}
	return strings.EqualFold(form.Get(name), "true")
}
