package gateway

import (
	"net/http"
	"slices"
)

// Handler adds one behaviour of AWS that the emulator lacks.
type Handler struct {
	Name    string
	AWS     string // AWS's behaviour
	Source  string // the page of AWS's documentation that describes it
	Matches func(*Call) bool
	// Refuse returns the answer to a call that AWS refuses and the emulator would not, else nil. It is asked before any Serve, and
	// may be a handler's only function.
	Refuse func(*Gateway, *Call) (*apiResponse, error)
	// EmulatorJudges says that the emulator gets the call as it was sent, and itself decides whether it is allowed. The calls of
	// all other handlers are judged before the handler runs: see judge.
	EmulatorJudges bool
	// Serve answers a call. No other handler runs for it.
	Serve func(*Gateway, http.ResponseWriter, *Call)
	// Backups is AWS Backup's data plane, of the handler that is it: its plans are run by the clock, without a call.
	Backups *backupHandler
	// RestoreTests are AWS Backup's restore testing plans, of the handler that keeps them: they are run by the clock, too.
	RestoreTests *restoreTestHandler
	// Edit, instead of Serve, changes the XML of the emulator's successful response. All handlers with an Edit that match a
	// call run, in order.
	Edit func(*Gateway, *Call, *xmlElement) error
}

// newHandlers returns the handlers in the order in which they are tried. Each keeps its state in a file of its own in folder.
// The names of those files and their JSON keys are part of the state folder and must not change.
func newHandlers(folder string) ([]Handler, error) {
	var handlers []Handler
	for _, construct := range []func(folder string) (Handler, error){
		newS3Control,
		newLoadBalancerNames,
		newTargetHealth,
		newListenerCertificates,
		newAvailabilityZones,
		newPeeringOptions,
		newVPCEndpointFields,
		newFlowLogFields,
		newNATAddresses,
		newPrefixListRules,
		newBusPolicies,
		newBackups,
		newRestoreTests,
		newWebACLs,
		newSecretReplicas,
		newDatabaseFields,
		newAutomatedBackups,
		newClusterEndpoints,
		newRestorableTimes,
		newReplicationSources,
		newGlobalEndpoints,
		newCommitHolds,
		newZoneSigning,
		newHealthCheckStatus,
		newDatabaseServers,
		newClusterSnapshots,
		newClusterRestores,
		newNetworkInUse,
		newDatabaseGroupsInUse,
		newEngineVersions,
		newTargetGroupsInUse,
		newEventsInUse,
		newFreshRoles,
		newBackupPlansInUse,
		newUnknownIDs,
		newEmptyFunctionPolicies,
		newServiceQuotas,
	} {
		handler, err := construct(folder)
		if err != nil {
			return nil, err
		}
		handlers = append(handlers, handler)
	}
	return handlers, nil
}

// matchEC2 matches EC2's operations of these names.
func matchEC2(actions ...string) func(*Call) bool { return matchActions("ec2", actions...) }

// matchActions matches operations of a service by name; service is its name in the signature.
func matchActions(service string, actions ...string) func(*Call) bool {
	return func(c *Call) bool { return c.Service == service && slices.Contains(actions, c.Action) }
}

// dispatch runs the handlers that match a call, if the caller may make it; served is false when there is none.
func (g *Gateway) dispatch(w http.ResponseWriter, call *Call) (served bool) {
	first := slices.IndexFunc(g.handlers, func(handler Handler) bool { return handler.Matches(call) })
	if first < 0 {
		return false
	}
	if !g.handlers[first].EmulatorJudges {
		if refused, err := g.judge(call); g.respondRefused(w, call, refused, err) {
			return true
		}
	}
	for _, handler := range g.handlers {
		if handler.Refuse == nil || !handler.Matches(call) {
			continue
		}
		if refused, err := handler.Refuse(g, call); g.respondRefused(w, call, refused, err) {
			return true
		}
	}
	for _, handler := range g.handlers {
		if handler.Serve != nil && handler.Matches(call) {
			handler.Serve(g, w, call)
			return true
		}
	}
	if !slices.ContainsFunc(g.handlers, func(handler Handler) bool { return handler.Edit != nil && handler.Matches(call) }) {
		return false
	}
	g.serveEdited(w, call, g.editorFor(call))
	return true
}

// respondRefused sends the answer to a call that is refused, or of which that is not known, and says whether it is.
func (g *Gateway) respondRefused(w http.ResponseWriter, call *Call, refused *apiResponse, err error) bool {
	switch {
	case err != nil:
		g.respondUnavailable(w, call.Request, err)
	case refused != nil:
		g.writeResponse(w, call, *refused)
	default:
		return false
	}
	return true
}

// editorFor returns a function that applies the Edit of every matching handler to a successful response.
func (g *Gateway) editorFor(call *Call) func(*xmlElement) error {
	return func(root *xmlElement) error {
		for _, handler := range g.handlers {
			if handler.Edit == nil || !handler.Matches(call) {
				continue
			}
			if err := handler.Edit(g, call, root); err != nil {
				return err
			}
		}
		return nil
	}
}
