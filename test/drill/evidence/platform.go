package evidence

// Platform is what a drill ran on, and what was drilled.
type Platform struct {
	// Kind is Emulator or AWS.
	Kind string `json:"kind"`
	// Account is the AWS account of the global database.
	Account string `json:"account,omitempty"`
	// Commit is that of the tree from which the drill was run; Changed says that the tree had changes which are in no commit.
	Commit  string `json:"commit,omitempty"`
	Changed bool   `json:"changed,omitempty"`
	// Engine is the database's, with its version.
	Engine string `json:"engine,omitempty"`
	// Drill is the drill's own Go, operating system and processor; Processors are how many its machine has.
	Drill      string `json:"drill"`
	Processors int    `json:"processors"`
	// NotKnown is why a field is empty.
	NotKnown []string `json:"notKnown,omitempty"`
}

// The kinds of platform.
const (
	Emulator = "local AWS emulator"
	AWS      = "AWS"
)

// Missing notes why a field is empty.
func (p *Platform) Missing(field string, err error) {
	p.NotKnown = append(p.NotKnown, field+": "+err.Error())
}

// OnEmulator reports whether the drill ran on the local AWS emulator, as all did before that was recorded.
func (e *Evidence) OnEmulator() bool { return e.Platform == nil || e.Platform.Kind == Emulator }
