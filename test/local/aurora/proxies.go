package aurora

// proxyKind says what a proxy is for. A proxy is identified by its kind and the name of its owner.
type proxyKind int

const (
	endpointProxy    proxyKind = iota // a member's own endpoint; the name is the member's ID
	replicationProxy                  // from a standby to its writer; the name is the standby's ID
	writerProxy                       // a global cluster's writer endpoint; the name is the global cluster's
	proxyKinds
)

// proxies are all proxies of a Manager, by kind and name. A change of which proxies exist holds Manager.changeMu and
// Manager.stateMu; a reader that does not hold changeMu holds stateMu.
type proxies [proxyKinds]map[string]*proxy

func newProxies() proxies {
	var all proxies
	for kind := range all {
		all[kind] = map[string]*proxy{}
	}
	return all
}

// ensureProxy returns the proxy of that kind and name and makes it if it does not exist. A new proxy listens nowhere.
func (mgr *Manager) ensureProxy(kind proxyKind, name, host string) *proxy {
	mgr.stateMu.Lock()
	defer mgr.stateMu.Unlock()
	p := mgr.proxies[kind][name]
	if p == nil {
		p = newProxy(host, mgr.faults)
		mgr.proxies[kind][name] = p
	}
	return p
}

func (mgr *Manager) allProxies() []*proxy {
	var all []*proxy
	for _, ofKind := range mgr.proxies {
		for _, p := range ofKind {
			all = append(all, p)
		}
	}
	return all
}

func (mgr *Manager) closeProxy(kind proxyKind, name string) {
	mgr.stateMu.Lock()
	p := mgr.proxies[kind][name]
	delete(mgr.proxies[kind], name)
	mgr.stateMu.Unlock()
	if p != nil {
		p.close()
	}
}

// closeProxies closes the proxies for which selects returns true.
func (mgr *Manager) closeProxies(selects func(*proxy, proxyKind) bool) {
	for kind, ofKind := range mgr.proxies {
		for name, p := range ofKind {
			if selects(p, proxyKind(kind)) {
				mgr.closeProxy(proxyKind(kind), name)
			}
		}
	}
}

// openEndpoint routes a member's endpoint to its server.
func (mgr *Manager) openEndpoint(m *member, running *server) error {
	r := route{address: serverAddress(running), serverRegion: m.Region}
	return mgr.ensureProxy(endpointProxy, m.String(), serverHost).setRoute(r, m.Port)
}

// disconnectEndpoint resets the clients of a member's endpoint, and those that connect from now on.
func (mgr *Manager) disconnectEndpoint(m *member) error {
	if p := mgr.proxies[endpointProxy][m.String()]; p != nil {
		return p.setRoute(route{serverRegion: m.Region}, m.Port)
	}
	return nil
}

// routeWriterEndpoint routes a global cluster's writer endpoint to the writer's server, or to nothing when running is nil. The
// endpoint listens on the ports of all members.
func (mgr *Manager) routeWriterEndpoint(g group, running *server) error {
	host, err := mgr.writerHost()
	if err != nil {
		return err
	}
	var ports []int
	for _, m := range g.members() {
		ports = append(ports, m.Port)
	}
	r := route{address: serverAddress(running), serverRegion: g.writer.Region}
	return mgr.ensureProxy(writerProxy, g.writer.Global, host).setRoute(r, ports...)
}

// routeReplication routes the replication of every standby to the writer's server. A replication proxy keeps its port, so a
// standby finds a writer that restarted at another port.
func (mgr *Manager) routeReplication(g group) error {
	for _, m := range g.standbys {
		port := mgr.replicationPort(m)
		if port == 0 {
			var err error
			if port, err = mgr.newPort(); err != nil {
				return err
			}
		}
		r := route{address: serverAddress(mgr.servers[g.writer.ID]), clientRegion: m.Region, serverRegion: g.writer.Region}
		if err := mgr.ensureProxy(replicationProxy, m.String(), serverHost).setRoute(r, port); err != nil {
			return err
		}
	}
	return nil
}

// replicationPort returns the port at which a member reaches its writer for replication, or 0 when it has none.
func (mgr *Manager) replicationPort(m *member) int {
	p := mgr.proxies[replicationProxy][m.String()]
	if p == nil {
		return 0
	}
	return p.port()
}

// serverAddress returns the host:port of a server, or "" when running is nil.
func serverAddress(running *server) string {
	if running == nil {
		return ""
	}
	return address(running.port)
}
