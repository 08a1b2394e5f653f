package gateway

import "net/http"

// rateExceeded is the message of throttling errors.
const rateExceeded = "Rate exceeded"

// throttlingError is a service's response to a throttled call, in the call's protocol. The SDKs retry each of these. AWS: SDKs
// and Tools Reference Guide, "Retry behavior".
func throttlingError(call *Call) apiResponse {
	switch {
	case call.Service == "s3" || call.Service == "":
		// AWS: Amazon S3 API Reference, "List of error codes".
		return xmlResponse(http.StatusServiceUnavailable, newElement("Error",
			text("Code", "SlowDown"), text("Message", "Please reduce your request rate."), text("RequestId", requestID())))
	case call.Service == "ec2":
		// AWS: Amazon EC2 API Reference, "Request throttling".
		return xmlResponse(http.StatusServiceUnavailable, newElement("Response",
			newElement("Errors", newElement("Error", text("Code", "RequestLimitExceeded"), text("Message", "Request limit exceeded."))),
			text("RequestID", requestID())))
	case call.Header.Get(targetHeader) != "":
		return jsonError("ThrottlingException", rateExceeded)
	case call.Form != nil || call.Service == "route53":
		// AWS: AWS Query protocol and REST-XML, "Common Errors" of each service.
		return xmlResponse(http.StatusBadRequest, newElement("ErrorResponse",
			newElement("Error", text("Type", "Sender"), text("Code", "Throttling"), text("Message", rateExceeded)),
			text("RequestId", requestID())))
	}
	// The REST-JSON protocol names the error in a header. AWS: AWS Lambda API Reference, Invoke, TooManyRequestsException.
	code := "ThrottlingException"
	if call.Service == "lambda" {
		code = "TooManyRequestsException"
	}
	resp := jsonError(code, rateExceeded)
	resp.Status = http.StatusTooManyRequests
	resp.Header.Set("X-Amzn-Errortype", code)
	return resp
}

func xmlResponse(status int, root *xmlElement) apiResponse {
	return apiResponse{Status: status, Header: xmlHeader(), Body: root.encode()}
}
