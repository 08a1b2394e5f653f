package emulator

import (
	"crypto/rand"
	"fmt"
	"io"
	"os"
	"strings"
)

// saving is one save that callers wait for.
type saving struct {
	done chan struct{}
	err  error // read after done
}

// Save makes the emulator write its state to its folder, and returns when all that it had answered before the call is
// there: tenths of a second. Calls that come while a save runs share the next one.
func (p *Process) Save() error {
	p.mu.Lock()
	if p.next == nil {
		p.next = &saving{done: make(chan struct{})}
	}
	joined := p.next
	if !p.running {
		p.running = true
		go p.saveWhileAsked()
	}
	p.mu.Unlock()
	<-joined.done
	return joined.err
}

func (p *Process) saveWhileAsked() {
	for {
		p.mu.Lock()
		current := p.next
		p.next = nil
		p.running = current != nil
		p.mu.Unlock()
		if current == nil {
			return
		}
		current.err = p.saveOnce()
		close(current.done)
	}
}

// saveOnce asks for one save. When the emulator is killed before it has answered, what it left on disk says whether the
// save was made: then what it had answered may be passed on, because the next run will have it.
func (p *Process) saveOnce() error {
	name := rand.Text()
	if _, err := io.WriteString(p.requests, name+"\n"); err != nil {
		return fmt.Errorf("asking the emulator to save: %w", err)
	}
	answer, err := p.answers.ReadString('\n')
	if err != nil {
		if saved, readErr := os.ReadFile(p.saved); readErr == nil && string(saved) == name {
			return nil
		}
		return fmt.Errorf("waiting for the emulator to save: %w", err)
	}
	if answer = strings.TrimSpace(answer); answer != "saved" {
		return fmt.Errorf("saving the emulator's state: %s", answer)
	}
	return nil
}
