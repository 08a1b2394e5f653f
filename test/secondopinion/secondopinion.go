// Package secondopinion sends what Pulumi has asked of the local AWS emulator to another emulator of AWS, moto, and lists where the two
// answer differently. Neither is AWS: a difference is a mistake of one of them, and each has to be looked at once.
//
// The requests are a journal that the emulator's gateway keeps (test/local/gateway, Exchange). Ids that AWS chooses differ between two
// emulators: they are learnt from the answers of both, and replaced in the requests that follow.
package secondopinion

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
)

// Exchange is a request and its answer, as the gateway's journal has them.
type Exchange struct {
	Method, Host, URI  string
	Header             map[string]string
	Body               []byte
	Status             int
	Answer             []byte
	AnswerType         string
	ErrorType          string
	service, operation string // what is asked for
	region             string
}

// Read reads a journal.
func Read(journal io.Reader) ([]Exchange, error) {
	var all []Exchange
	lines := json.NewDecoder(journal)
	for {
		var one Exchange
		err := lines.Decode(&one)
		if err == io.EOF {
			return all, nil
		}
		if err != nil {
			return nil, fmt.Errorf("reading exchange %d of the journal: %w", len(all)+1, err)
		}
		one.name()
		all = append(all, one)
	}
}

// Difference is one way in which the other emulator answers an operation differently.
type Difference struct {
	Operation string // as ec2:CreateVpc
	Ours      string // "ok", or the code of the error
	Theirs    string
	Times     int
	Example   string // the other emulator's words, the first time
}

func (d Difference) String() string {
	return fmt.Sprintf("%s: ours %s, moto %s (%d times): %s", d.Operation, d.Ours, d.Theirs, d.Times, d.Example)
}

// key says which differences are the same.
func (d Difference) key() string { return d.Operation + " " + d.Ours + " " + d.Theirs }

// Opinion is what a replay has found.
type Opinion struct {
	Asked       int
	Differences []Difference
	// Followed is how many answers differ because something that was refused before is not there.
	Followed int
}

// Replay sends the requests to the other emulator, in order, and compares the answers.
func Replay(ctx context.Context, endpoint string, exchanges []Exchange) (Opinion, error) {
	var opinion Opinion
	found := map[string]*Difference{}
	learnt, absent := newIDs(), newAbsences()
	for _, one := range exchanges {
		theirs, err := send(ctx, endpoint, one, learnt)
		if err != nil {
			return opinion, fmt.Errorf("asking moto for %s: %w", one.Operation(), err)
		}
		opinion.Asked++
		ours, other := outcome(one.Status, one.Answer, one.ErrorType), outcome(theirs.Status, theirs.Answer, theirs.ErrorType)
		if ours == good && other == good {
			learnt.learn(one.Answer, theirs.Answer)
			absent.exists(one)
			continue
		}
		if ours == other {
			continue
		}
		if absent.explain(one) {
			opinion.Followed++
			continue
		}
		if ours == good {
			absent.add(one)
		}
		difference := Difference{Operation: one.Operation(), Ours: ours, Theirs: other, Example: excerpt(theirs.Answer)}
		if known := found[difference.key()]; known != nil {
			known.Times++
			continue
		}
		difference.Times = 1
		found[difference.key()] = &difference
	}
	for _, one := range found {
		opinion.Differences = append(opinion.Differences, *one)
	}
	slices.SortFunc(opinion.Differences, func(a, b Difference) int { return cmp.Compare(a.key(), b.key()) })
	return opinion, nil
}

// excerpt is the beginning of an answer, on one line.
func excerpt(answer []byte) string {
	const most = 200
	text := strings.Join(strings.Fields(string(answer)), " ")
	return text[:min(len(text), most)]
}

// send sends a request with the other emulator's ids.
func send(ctx context.Context, endpoint string, one Exchange, learnt *ids) (Exchange, error) {
	body := learnt.replace(string(one.Body))
	request, err := http.NewRequestWithContext(ctx, one.Method, endpoint+learnt.replace(one.URI), strings.NewReader(body))
	if err != nil {
		return Exchange{}, fmt.Errorf("making the request: %w", err)
	}
	for name, value := range one.Header {
		request.Header.Set(name, value)
	}
	request.Header.Del("X-Amz-Content-Sha256") // of another body
	request.Host = one.hostAtAWS()
	response, err := direct.Do(request)
	if err != nil {
		return Exchange{}, fmt.Errorf("sending the request: %w", err)
	}
	defer response.Body.Close()
	var answer bytes.Buffer
	if _, err := answer.ReadFrom(response.Body); err != nil {
		return Exchange{}, fmt.Errorf("reading the answer: %w", err)
	}
	return Exchange{Status: response.StatusCode, Answer: answer.Bytes(), ErrorType: response.Header.Get("X-Amzn-Errortype")}, nil
}
