package database

import "testing"

func TestEndpointOf(t *testing.T) {
	const reader = "aurora-records-secondary-blue.cluster-ro-c7tj4example.us-west-2.rds.amazonaws.com"
	tests := []struct {
		name, writer, reader string
		want                 string // empty: refused
	}{
		{"a primary has it", "aurora.cluster-x.us-east-1.rds.amazonaws.com", reader, "aurora.cluster-x.us-east-1.rds.amazonaws.com"},
		{
			"a secondary's is its reader's without the mark", "", reader,
			"aurora-records-secondary-blue.cluster-c7tj4example.us-west-2.rds.amazonaws.com",
		},
		{
			"a secondary named like the mark keeps its name", "", "a-cluster-ro-b.cluster-ro-x.us-west-2.rds.amazonaws.com",
			"a-cluster-ro-b.cluster-x.us-west-2.rds.amazonaws.com",
		},
		{"a partition of another domain", "", "a.cluster-ro-x.cn-north-1.rds.amazonaws.com.cn", "a.cluster-x.cn-north-1.rds.amazonaws.com.cn"},
		{"a host of another form is refused", "", "reader.example", ""},
		{"nothing is refused", "", "", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := endpointOf(test.writer, test.reader)
			if got != test.want || (err != nil) != (test.want == "") {
				t.Errorf("endpointOf = %q, %v; want %q", got, err, test.want)
			}
		})
	}
}
