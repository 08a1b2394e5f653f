package report

import (
	"bytes"
	"fmt"

	"warmstandby/test/drill/history"
	"warmstandby/test/drill/scenario"
	"warmstandby/test/drill/verdict"
)

// historyPicture is the file with the picture of an impossible history, by its position in the result.
func historyPicture(i int) string { return fmt.Sprintf("history-%d.html", i+1) }

// drawHistories returns a picture of each impossible history.
func drawHistories(d Document) (pictures [][]byte, err error) {
	if d.Result.Histories == nil {
		return nil, nil
	}
	s, _ := scenario.Find(d.Scenario)
	allowed := verdict.AllowedHistories(s, d.Evidence)
	for _, violation := range d.Result.Histories.Violations {
		var picture bytes.Buffer
		if err := history.Draw(&picture, d.Evidence.Operations, allowed, violation.Subject); err != nil {
			return nil, err
		}
		pictures = append(pictures, picture.Bytes())
	}
	return pictures, nil
}
