package gateway

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"warmstandby/test/local/route53"
)

// The rate limit of AWS WAF before a load balancer is applied here: it is the one rule of a web ACL that needs no list of AWS's.
const (
	// rateStep is how exact the window is. AWS: AWS WAF Developer Guide, "Using rate-based rule statements in AWS WAF": it estimates the rate
	// every ten seconds.
	rateStep = 10 * time.Second
	// defaultWindow is the window of a statement that says none. AWS: AWS WAF V2 API Reference, RateBasedStatement, EvaluationWindowSec.
	defaultWindow = 300
	// maxAddresses bounds what is counted at once. AWS: the same page, "AWS WAF can apply rate limiting to up to 10,000 IP addresses".
	maxAddresses = 10_000
)

// rateRule is the rate limit of a web ACL: so many requests of one address in the window.
type rateRule struct {
	limit  int
	window time.Duration
	status int
}

// firewalls are the rate limits before load balancers, and what they have counted.
type firewalls struct {
	mu     sync.Mutex
	rules  map[string]*rateRule // by load balancer; nil is none. One that is not here is asked for.
	counts map[firewallKey]map[int64]int
}

type firewallKey struct{ balancer, address string }

// forget has the web ACLs asked for again. What was counted stays.
func (f *firewalls) forget() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rules = nil
}

// admits counts a request of an address at a moment, and says whether a rule lets it pass. AWS counts what it blocks, too.
func (f *firewalls) admits(rule rateRule, key firewallKey, now time.Time) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.counts == nil {
		f.counts = map[firewallKey]map[int64]int{}
	}
	steps := f.counts[key]
	if steps == nil {
		if len(f.counts) >= maxAddresses {
			f.counts = map[firewallKey]map[int64]int{}
		}
		steps = map[int64]int{}
		f.counts[key] = steps
	}
	step := now.UnixNano() / int64(rateStep)
	oldest, sum := step-int64(rule.window/rateStep), 0
	for at, count := range steps {
		if at <= oldest {
			delete(steps, at)
			continue
		}
		sum += count
	}
	steps[step]++
	return sum < rule.limit
}

// rule returns the rate limit before a load balancer, nil when there is none.
func (g *Gateway) rateRule(ctx context.Context, balancer route53.Balancer) (*rateRule, error) {
	g.firewalls.mu.Lock()
	known, ok := g.firewalls.rules[balancer.ARN]
	g.firewalls.mu.Unlock()
	if ok || balancer.ARN == "" {
		return known, nil
	}
	rule, err := g.readRateRule(ctx, balancer)
	if err != nil {
		return nil, fmt.Errorf("asking which web ACL stands before %s: %w", balancer.Name, err)
	}
	g.firewalls.mu.Lock()
	defer g.firewalls.mu.Unlock()
	if g.firewalls.rules == nil {
		g.firewalls.rules = map[string]*rateRule{}
	}
	g.firewalls.rules[balancer.ARN] = rule
	return rule, nil
}

// rateStatement is a rule of a web ACL, as far as it is a rate limit. AWS: AWS WAF V2 API Reference, Rule and RateBasedStatement.
type rateStatement struct {
	Name      string
	Statement struct {
		RateBasedStatement *struct {
			Limit, EvaluationWindowSec int
			AggregateKeyType           string
			ScopeDownStatement         json.RawMessage
		}
	}
	Action struct {
		Block *struct{ CustomResponse struct{ ResponseCode int } }
	}
}

// readRateRule asks the emulator for the rate limit before a load balancer. A web ACL's other rules are not applied.
func (g *Gateway) readRateRule(ctx context.Context, balancer route53.Balancer) (*rateRule, error) {
	resp, err := g.sendJSON(context.WithoutCancel(ctx), balancer.Region, "wafv2", "AWSWAF_20190729.GetWebACLForResource", nil,
		map[string]string{"ResourceArn": balancer.ARN})
	if err != nil || !resp.ok() { // it answers that none is associated
		return nil, err
	}
	var output struct {
		WebACL struct{ Rules []rateStatement }
	}
	if err := resp.decodeJSON(&output); err != nil {
		return nil, err
	}
	at := slices.IndexFunc(output.WebACL.Rules, func(rule rateStatement) bool {
		of := rule.Statement.RateBasedStatement
		return of != nil && rule.Action.Block != nil && of.AggregateKeyType == "IP" && len(of.ScopeDownStatement) == 0
	})
	if at < 0 {
		return nil, nil
	}
	found := output.WebACL.Rules[at]
	rule := &rateRule{limit: found.Statement.RateBasedStatement.Limit, window: defaultWindow * time.Second, status: http.StatusForbidden}
	if seconds := found.Statement.RateBasedStatement.EvaluationWindowSec; seconds > 0 {
		rule.window = time.Duration(seconds) * time.Second
	}
	if status := found.Action.Block.CustomResponse.ResponseCode; status != 0 {
		rule.status = status
	}
	return rule, nil
}

// blocked answers a request beyond the rate limit before a load balancer, and says whether it is one. While AWS WAF does not answer, the
// load balancer forwards, as the platform has it (waf.fail_open.enabled).
func (g *Gateway) blocked(w http.ResponseWriter, r *http.Request, balancer route53.Balancer) bool {
	rule, err := g.rateRule(r.Context(), balancer)
	if err != nil {
		g.log.Print(err)
	}
	if rule == nil {
		return false
	}
	address, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		address = r.RemoteAddr
	}
	if g.firewalls.admits(*rule, firewallKey{balancer.ARN, address}, time.Now()) {
		return false
	}
	w.WriteHeader(rule.status) // of a custom response without a body
	return true
}
