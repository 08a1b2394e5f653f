package main

import (
	"slices"
	"strings"
)

// loopback is what this machine calls itself in the addresses of gRPC servers. Pulumi's engine and plugins listen at the
// first; the others are for what a plugin starts by itself.
var loopback = []string{"127.0.0.1", "localhost", "::1"}

// unproxied returns the value of no_grpc_proxy: the hosts that gRPC reaches without a proxy.
//
// Engine and plugins call each other over gRPC on this machine. Go's gRPC never asks a proxy for loopback. Node's and the C
// core, which Python's is made of, ask one for every host that is not listed, and take it from grpc_proxy, https_proxy or
// http_proxy: the gateway, which refuses them, or a company's, which does not reach this machine. The list of hosts is the
// first of no_grpc_proxy and no_proxy that is not empty (https://grpc.github.io/grpc/core/md_doc_environment_variables.html),
// so what the user has there is kept. NO_PROXY is not set as well: many programs compare it with a name's end, and would no
// longer find S3 Control, whose name ends with 127.0.0.1, through the gateway.
func (s setting) unproxied() string {
	listed, _ := s.lookup("no_grpc_proxy")
	if listed == "" {
		listed, _ = s.lookup("no_proxy")
	}
	var hosts []string
	for _, host := range append(strings.Split(listed, ","), loopback...) {
		// Node's gRPC compares with spaces, and every name ends with an empty one: it would use no proxy at all.
		if host = strings.TrimSpace(host); host != "" && !slices.Contains(hosts, host) {
			hosts = append(hosts, host)
		}
	}
	return strings.Join(hosts, ",")
}
