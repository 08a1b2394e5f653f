package gateway

import "net/http"

// accessDenied is a service's response to a call that a policy forbids, in the call's protocol. The SDKs do not retry it.
func accessDenied(call *Call) apiResponse {
	message := "User is not authorized to perform: " + call.operation() + " with an explicit deny in a service control policy"
	switch {
	case call.Service == "ec2":
		// AWS: Amazon EC2 API Reference, "Error codes", UnauthorizedOperation.
		return xmlResponse(http.StatusForbidden, newElement("Response",
			newElement("Errors", newElement("Error", text("Code", "UnauthorizedOperation"), text("Message", message))),
			text("RequestID", requestID())))
	case call.Form != nil:
		// AWS: the Query protocol's "Common Errors" of each service, AccessDenied.
		return xmlResponse(http.StatusForbidden, newElement("ErrorResponse",
			newElement("Error", text("Type", "Sender"), text("Code", "AccessDenied"), text("Message", message)),
			text("RequestId", requestID())))
	}
	// AWS: the JSON protocol's "Common Errors" of each service, AccessDeniedException.
	return jsonError("AccessDeniedException", message)
}
