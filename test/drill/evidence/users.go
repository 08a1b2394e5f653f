package evidence

// AddUserAttempt records an attempt of a user beside the client.
func (l *Log) AddUserAttempt(user User, a Attempt) {
	l.Update(func(e *Evidence) {
		if e.OtherUsers == nil {
			e.OtherUsers = map[User][]Attempt{}
		}
		e.OtherUsers[user] = append(e.OtherUsers[user], a)
	})
}

// AllWrites returns the writes of the client and of all other users.
func (e *Evidence) AllWrites() []Attempt {
	var all []Attempt
	add := func(attempts []Attempt) {
		for _, a := range attempts {
			if a.Kind == Write {
				all = append(all, a)
			}
		}
	}
	add(e.Attempts)
	for _, user := range Users {
		add(e.OtherUsers[user])
	}
	return all
}
