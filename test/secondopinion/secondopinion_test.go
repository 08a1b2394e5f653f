package secondopinion

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// asked is an exchange with our emulator, in the query protocol.
func asked(service, form, answer string, status int) Exchange {
	return Exchange{
		Method: http.MethodPost, URI: "/", Body: []byte(form), Status: status, Answer: []byte(answer), Header: map[string]string{
			"Authorization": "AWS4-HMAC-SHA256 Credential=test/20261129/us-east-1/" + service + "/aws4_request, SignedHeaders=host",
			"Content-Type":  "application/x-www-form-urlencoded",
		},
	}
}

// replay replays exchanges at an emulator that answers a body, by what the body is; it refuses what it does not know.
func replay(t *testing.T, answers map[string]string, exchanges ...Exchange) Opinion {
	t.Helper()
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		answer, known := answers[string(body)]
		if !known {
			w.WriteHeader(http.StatusBadRequest)
			answer = "<Error><Code>Unknown</Code></Error>"
		}
		fmt.Fprint(w, answer)
	}))
	t.Cleanup(other.Close)
	var journal bytes.Buffer
	for _, one := range exchanges {
		if err := json.NewEncoder(&journal).Encode(one); err != nil {
			t.Fatal(err)
		}
	}
	read, err := Read(&journal)
	if err != nil {
		t.Fatal(err)
	}
	opinion, err := Replay(t.Context(), other.URL, read)
	if err != nil {
		t.Fatal(err)
	}
	return opinion
}

const (
	ourVPC   = "vpc-0123456789abcdef0"
	theirVPC = "vpc-99999999"
)

func TestReplay(t *testing.T) {
	creation := asked("ec2", "Action=CreateVpc", "<R><vpcId>"+ourVPC+"</vpcId></R>", http.StatusOK)
	use := asked("ec2", "Action=DescribeVpcs&VpcId.1="+ourVPC, "<R/>", http.StatusOK)
	t.Run("ids are the other emulator's", func(t *testing.T) {
		opinion := replay(t, map[string]string{
			"Action=CreateVpc": "<R><vpcId>" + theirVPC + "</vpcId></R>", "Action=DescribeVpcs&VpcId.1=" + theirVPC: "<R/>",
		}, creation, use)
		if len(opinion.Differences) > 0 || opinion.Asked != 2 {
			t.Errorf("got %+v", opinion)
		}
	})
	t.Run("what is refused there alone is a difference, and what follows from it is none", func(t *testing.T) {
		opinion := replay(t, nil, creation, use)
		if len(opinion.Differences) != 1 || opinion.Followed != 1 {
			t.Fatalf("got %+v", opinion)
		}
		if got := opinion.Differences[0]; got.key() != "ec2:CreateVpc ok Unknown" || got.Times != 1 {
			t.Errorf("got %v", got)
		}
	})
	t.Run("what is refused here alone is a difference", func(t *testing.T) {
		missing := asked("ec2", "Action=DeleteVpc", "<R><Code>DependencyViolation</Code></R>", http.StatusBadRequest)
		opinion := replay(t, map[string]string{"Action=DeleteVpc": "<R/>"}, missing, missing)
		if len(opinion.Differences) != 1 || opinion.Differences[0].key() != "ec2:DeleteVpc DependencyViolation ok" ||
			opinion.Differences[0].Times != 2 {
			t.Errorf("got %+v", opinion)
		}
	})
	t.Run("the same error is no difference", func(t *testing.T) {
		opinion := replay(t, nil, asked("ec2", "Action=DeleteVpc", "<R><Code>Unknown</Code></R>", http.StatusBadRequest))
		if len(opinion.Differences) > 0 {
			t.Errorf("got %+v", opinion)
		}
	})
	t.Run("what exists in both does not become absent by a use that is refused", func(t *testing.T) {
		group := asked("rds", "Action=CreateDBSubnetGroup&DBSubnetGroupName=dbsubnets-dev", "<R/>", http.StatusOK)
		cluster := asked("rds", "Action=CreateDBCluster&DBClusterIdentifier=aurora-dev&DBSubnetGroupName=dbsubnets-dev", "<R/>", http.StatusOK)
		gone := asked("rds", "Action=DeleteDBSubnetGroup&DBSubnetGroupName=dbsubnets-dev", "<R/>", http.StatusOK)
		opinion := replay(t, map[string]string{string(group.Body): "<R/>"}, group, cluster, gone)
		if len(opinion.Differences) != 2 || opinion.Followed != 0 {
			t.Errorf("got %+v", opinion)
		}
	})
}

func TestOperationNames(t *testing.T) {
	for _, c := range []struct {
		name string
		one  Exchange
		want string
	}{
		{"JSON", Exchange{Header: map[string]string{"X-Amz-Target": "AmazonSQS.CreateQueue"}}, "sqs:CreateQueue"},
		{"CBOR", Exchange{URI: "/service/GraniteServiceVersion20100801/operation/PutMetricAlarm"}, "sqs:PutMetricAlarm"},
		{"REST", Exchange{Method: "GET", URI: "/2015-03-31/functions/lambda-app-dev/policy"}, "sqs:GET /2015-03-31/functions/*/policy"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.one.Header == nil {
				c.one.Header = map[string]string{}
			}
			c.one.Header["Authorization"] = "AWS4-HMAC-SHA256 Credential=test/20261129/us-east-1/sqs/aws4_request"
			c.one.name()
			if got := c.one.Operation(); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestJudge(t *testing.T) {
	difference := Difference{Operation: "ec2:CreateVpc", Ours: good, Theirs: "Unknown", Times: 1}
	excuse := Excuse{"ec2:CreateVpc", good, "Unknown", "for a test"}
	for _, c := range []struct {
		name        string
		differences []Difference
		excuses     []Excuse
		want        string // empty: no error
		listed      string
	}{
		{"an excused difference", []Difference{difference}, []Excuse{excuse}, "", "(1 times): \n    for a test\n"},
		{"a difference without an excuse", []Difference{difference}, nil, "without an excuse: ec2:CreateVpc", "    WITHOUT AN EXCUSE\n"},
		{"an excuse without a difference", nil, []Excuse{excuse}, "nothing needs the excuse of ec2:CreateVpc", " 0 kinds of answers differ"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := Opinion{Differences: c.differences}.Judge(c.excuses)
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
			var list strings.Builder
			if err := (Opinion{Asked: 2, Differences: c.differences}).Write(&list, c.excuses); err != nil {
				t.Fatal(err)
			}
			if !strings.HasPrefix(list.String(), "moto was asked 2 times") || !strings.Contains(list.String(), c.listed) {
				t.Errorf("listed is %q, want %q", list.String(), c.listed)
			}
		})
	}
}
