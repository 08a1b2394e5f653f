package aurora

import (
	"encoding/json"
	"testing"
	"time"
)

// A release opens the state folders of those before it: whoever renames a field renames a key of clusters.json.
func TestTheKeysOfClustersJSONStay(t *testing.T) {
	t.Parallel()
	lost := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	got, err := json.Marshal(state{Password: "p", Members: map[string]*member{east.String(): {
		Cluster: Cluster{ID: east, Global: "g", Port: 1, User: "u", Password: "s", Database: "d"},
		Writer:  true, Instances: []string{"i"}, HasData: true, Volume: 2, Lost: &lost,
	}}})
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"Password":"p","Members":{"us-east-1/records-primary":{` +
		`"region":"us-east-1","cluster":"records-primary","Global":"g","Port":1,"User":"u","Password":"s","Database":"d",` +
		`"Writer":true,"Instances":["i"],"HasData":true,"Volume":2,"Lost":"2026-01-02T03:04:05Z"}}}`
	if string(got) != want {
		t.Errorf("clusters.json is\n%s, want\n%s", got, want)
	}
}
