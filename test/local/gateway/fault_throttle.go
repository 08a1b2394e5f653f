package gateway

import "net/http"

// rateExceeded is the message of throttling errors.
const rateExceeded = "Rate exceeded"

// throttled is a service's answer to one call too many, by the protocol of the call. The SDKs try again after each of them.
// AWS: SDKs and Tools Reference Guide, "Retry behavior".
func throttled(call *Call) answer {
	switch {
	case call.Service == "s3" || call.Service == "":
		// AWS: Amazon S3 API Reference, "List of error codes".
		return xmlAnswer(http.StatusServiceUnavailable, newElement("Error",
			text("Code", "SlowDown"), text("Message", "Please reduce your request rate."), text("RequestId", requestID())))
	case call.Service == "ec2":
		// AWS: Amazon EC2 API Reference, "Request throttling".
		return xmlAnswer(http.StatusServiceUnavailable, newElement("Response",
			newElement("Errors", newElement("Error", text("Code", "RequestLimitExceeded"), text("Message", "Request limit exceeded."))),
			text("RequestID", requestID())))
	case call.Header.Get(targetHeader) != "":
		return jsonError("ThrottlingException", rateExceeded)
	case call.Form != nil || call.Service == "route53":
		// AWS: AWS Query protocol and REST-XML, "Common Errors" of each service.
		return xmlAnswer(http.StatusBadRequest, newElement("ErrorResponse",
			newElement("Error", text("Type", "Sender"), text("Code", "Throttling"), text("Message", rateExceeded)),
			text("RequestId", requestID())))
	}
	// The REST-JSON protocol names the error in a header. AWS: AWS Lambda API Reference, Invoke, TooManyRequestsException.
	code := "ThrottlingException"
	if call.Service == "lambda" {
		code = "TooManyRequestsException"
	}
	a := jsonError(code, rateExceeded)
	a.Status = http.StatusTooManyRequests
	a.Header.Set("X-Amzn-Errortype", code)
	return a
}

func xmlAnswer(status int, root *element) answer {
	return answer{Status: status, Header: xmlHeader(), Body: root.document()}
}
