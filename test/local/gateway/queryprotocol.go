package gateway

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// ec2Namespace is the XML namespace of EC2's responses. AWS: Amazon EC2 API Reference, "Making API requests".
const ec2Namespace = "http://ec2.amazonaws.com/doc/2016-11-15/"

// ec2Response is a successful response to an EC2 operation.
func ec2Response(action string, fields ...*xmlElement) apiResponse {
	root := newElement(action+"Response", append([]*xmlElement{text("requestId", requestID())}, fields...)...)
	root.Attributes = []xmlAttribute{{"xmlns", ec2Namespace}}
	return apiResponse{Status: http.StatusOK, Header: xmlHeader(), Body: root.encode()}
}

// ec2Error is EC2's response to a call that it refuses. AWS: Amazon EC2 Developer Guide, "Error codes for the Amazon EC2 API".
func ec2Error(code, message string) apiResponse {
	root := newElement("Response",
		newElement("Errors", newElement("Error", text("Code", code), text("Message", message))),
		text("RequestID", requestID()))
	return apiResponse{Status: http.StatusBadRequest, Header: xmlHeader(), Body: root.encode()}
}

func xmlHeader() http.Header {
	return http.Header{"Content-Type": {"text/xml;charset=UTF-8"}}
}

// listParam returns a list of the query protocol: Name.1, Name.2, up to the first missing number.
func listParam(form url.Values, name string) []string {
	var values []string
	for i := 1; ; i++ {
		key := fmt.Sprintf("%s.%d", name, i)
		if !form.Has(key) {
			return values
		}
		values = append(values, form.Get(key))
	}
}

// boolParam returns a boolean of the query protocol, or absent when the query does not have it.
func boolParam(form url.Values, name string, absent bool) bool {
	if !form.Has(name) {
		return absent
	}
	return strings.EqualFold(form.Get(name), "true")
}
