package gateway

import "net/http"

// denied is a service's answer to a call that a policy forbids, by the protocol of the call. The SDKs do not try again.
func denied(call *Call) answer {
	message := "User is not authorized to perform: " + call.operation() + " with an explicit deny in a service control policy"
	switch {
	case call.Service == "ec2":
		// AWS: Amazon EC2 API Reference, "Error codes", UnauthorizedOperation.
		return xmlAnswer(http.StatusForbidden, newElement("Response",
			newElement("Errors", newElement("Error", text("Code", "UnauthorizedOperation"), text("Message", message))),
			text("RequestID", requestID())))
	case call.Form != nil:
		// AWS: the Query protocol's "Common Errors" of each service, AccessDenied.
		return xmlAnswer(http.StatusForbidden, newElement("ErrorResponse",
			newElement("Error", text("Type", "Sender"), text("Code", "AccessDenied"), text("Message", message)),
			text("RequestId", requestID())))
	}
	// AWS: the JSON protocol's "Common Errors" of each service, AccessDeniedException.
	return jsonError("AccessDeniedException", message)
}
