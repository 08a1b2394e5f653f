package aurora

// doorKind says what a door is for, and by whose name it is kept.
type doorKind int

const (
	front      doorKind = iota // a member's own endpoint, by the member
	link                       // by which a member follows its writer, by the member
	writerDoor                 // a global cluster's writer endpoint, by the global cluster
	doorKinds
)

// doors are all doors of a Set. Who changes which there are holds Set.changing; readers elsewhere hold Set.looking.
type doors [doorKinds]map[string]*door

func newDoors() doors {
	var all doors
	for kind := range all {
		all[kind] = map[string]*door{}
	}
	return all
}

// door returns the door of that kind and name, made when it is not there.
func (s *Set) door(kind doorKind, name, host string) *door {
	s.looking.Lock()
	defer s.looking.Unlock()
	d := s.doors[kind][name]
	if d == nil {
		d = newDoor(host, s.cuts)
		s.doors[kind][name] = d
	}
	return d
}

func (s *Set) allDoors() []*door {
	var all []*door
	for _, some := range s.doors {
		for _, d := range some {
			all = append(all, d)
		}
	}
	return all
}

func (s *Set) closeDoor(kind doorKind, name string) {
	s.looking.Lock()
	d := s.doors[kind][name]
	delete(s.doors[kind], name)
	s.looking.Unlock()
	if d != nil {
		d.close()
	}
}

// closeDoors closes the doors that a rule names.
func (s *Set) closeDoors(rule func(*door, doorKind) bool) {
	for kind, some := range s.doors {
		for name, d := range some {
			if rule(d, doorKind(kind)) {
				s.closeDoor(doorKind(kind), name)
			}
		}
	}
}

// openFront leads a member's own endpoint to its server.
func (s *Set) openFront(m *member, running *server) error {
	return s.door(front, m.String(), serverHost).set(way{address: addressOf(running), to: m.Region}, m.Port)
}

// leadNowhere drops a member's clients, and those that come.
func (s *Set) leadNowhere(m *member) error {
	if d := s.doors[front][m.String()]; d != nil {
		return d.set(way{to: m.Region}, m.Port)
	}
	return nil
}

// leadToWriter leads a global cluster's writer endpoint, at the ports of all members, to the writer's server, or nowhere when
// that is nil.
func (s *Set) leadToWriter(g group, running *server) error {
	host, err := s.host()
	if err != nil {
		return err
	}
	var ports []int
	for _, m := range g.members() {
		ports = append(ports, m.Port)
	}
	return s.door(writerDoor, g.writer.Global, host).set(way{address: addressOf(running), to: g.writer.Region}, ports...)
}

// linkStandbys leads the ways by which a writer's standbys follow it to its server. A link's port stays while it is there, so
// that a writer which starts again at another port is followed on.
func (s *Set) linkStandbys(g group) error {
	for _, m := range g.standbys {
		port := s.linkPort(m)
		if port == 0 {
			var err error
			if port, err = s.newPort(); err != nil {
				return err
			}
		}
		to := way{address: addressOf(s.servers[g.writer.ID]), from: m.Region, to: g.writer.Region}
		if err := s.door(link, m.String(), serverHost).set(to, port); err != nil {
			return err
		}
	}
	return nil
}

// linkPort returns the port of the way by which a member follows its writer, 0 when there is none.
func (s *Set) linkPort(m *member) int {
	d := s.doors[link][m.String()]
	if d == nil {
		return 0
	}
	return d.port()
}

// addressOf is where a server listens, "" when there is none.
func addressOf(running *server) string {
	if running == nil {
		return ""
	}
	return address(running.port)
}
