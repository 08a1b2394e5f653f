package audit

import (
	"strings"
	"testing"
)

func TestTable(t *testing.T) {
	table, err := Table()
	if err != nil || len(table) == 0 {
		t.Fatalf("the table has %d rows: %v", len(table), err)
	}
	seen := map[string]bool{}
	for _, a := range table {
		if key := a.Tool + " " + a.Check + " " + a.Resource; seen[key] {
			t.Errorf("%s is accepted twice", key)
		} else {
			seen[key] = true
		}
		if strings.HasPrefix(a.Resource, plantedPrefix) {
			t.Errorf("a planted fault is accepted: %+v", a)
		}
	}
}

func TestJudge(t *testing.T) {
	tools := []string{checkov, prowler}
	found := Finding{Tool: checkov, Check: "CKV_1", Resource: "bucket-a-blue", Message: "open"}
	sight := Finding{Tool: checkov, Check: "CKV_1", Resource: plantedPrefix + "bucket", Message: "a public bucket"}
	accepted := Accepted{Tool: checkov, Check: "CKV_1", Resource: "bucket-*", Reason: "because"}
	for _, test := range []struct {
		name     string
		findings []Finding
		table    []Accepted
		want     string // part of the error; nothing: there is none
	}{
		{"what is accepted passes", []Finding{found, sight}, []Accepted{accepted}, ""},
		{"a new finding fails", []Finding{found, sight}, nil, "new: checkov CKV_1 of bucket-a-blue: open"},
		{
			"another resource's finding fails", []Finding{found, sight},
			[]Accepted{{Tool: checkov, Check: "CKV_1", Resource: "queue-*", Reason: "because"}}, "new: checkov CKV_1",
		},
		{
			"another tool's finding fails", []Finding{found, sight},
			[]Accepted{{Tool: prowler, Check: "CKV_1", Resource: "bucket-*", Reason: "because"}}, "new: checkov CKV_1",
		},
		{"an entry that no finding needs fails", []Finding{sight}, []Accepted{accepted}, "not found any more: checkov CKV_1 of bucket-*"},
		{
			"an entry of a tool that did not run is left", []Finding{sight},
			[]Accepted{{Tool: cfnLint, Check: "E1", Resource: "*", Reason: "because"}}, "",
		},
		{"a planted fault that is not seen fails", nil, nil, "checkov does not see planted-bucket with CKV_1 (a public bucket)"},
		{
			"one that another check sees is not seen", []Finding{{Tool: checkov, Check: "CKV_2", Resource: plantedPrefix + "bucket"}}, nil,
			"checkov does not see planted-bucket",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := Judge(test.findings, test.table, []Finding{sight}, tools)
			if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
				t.Errorf("the error is %v, want %q", err, test.want)
			}
		})
	}
}

// Each tool has a fault that it must see, and none sees a name that is not planted.
func TestEachToolHasAPlantedFault(t *testing.T) {
	for _, tool := range []string{checkov, parliament, cloudsplaining, cfnLint, prowler} {
		planted := 0
		for _, p := range Planted {
			if p.Tool == tool {
				planted++
			}
		}
		if planted == 0 {
			t.Errorf("nothing is planted for %s", tool)
		}
	}
	for _, p := range Planted {
		if !strings.HasPrefix(p.Resource, plantedPrefix) || p.Message == "" {
			t.Errorf("the planted fault %+v has another name, or does not say what it is", p)
		}
	}
}

func TestReports(t *testing.T) {
	t.Run("checkov", func(t *testing.T) {
		found, err := readCheckov([]byte(`{"results": {"failed_checks": [{"check_id": "CKV_1", "check_name": "n",
			"resource": "aws_ssm_parameter.a/b-primary"}]}, "summary": {"passed": 3}}`))
		if want := (Finding{checkov, "CKV_1", "a:b-primary", "n"}); err != nil || len(found) != 1 || found[0] != want {
			t.Errorf("it is %v and %v, want %v", found, err, want)
		}
		for _, broken := range []string{"", "{}", `{"summary": {"passed": 1}, "results": {"parsing_errors": ["plan.json"]}}`} {
			if _, err := readCheckov([]byte(broken)); err == nil {
				t.Errorf("%q is read as a report", broken)
			}
		}
	})
	t.Run("cfn-lint", func(t *testing.T) {
		found, err := readCFNLint([]byte(`[{"Rule": {"Id": "E1"}, "Message": "m", "Location": {"Path": ["Resources", "RoleA", "Properties", 0]}},
			{"Rule": {"Id": "E2"}, "Message": "m", "Location": {"Path": null}}]`), map[string]string{"RoleA": "role-a"})
		if err != nil || len(found) != 2 || found[0] != (Finding{cfnLint, "E1", "role-a", "m"}) || found[1].Resource != "template" {
			t.Errorf("it is %v and %v", found, err)
		}
	})
	t.Run("prowler", func(t *testing.T) {
		found, err := readProwler([]byte(`[{"status_code": "PASS"}, {"status_code": "MANUAL"}, {"status_code": "FAIL", "severity": "High",
			"status_detail": "d", "metadata": {"event_code": "c"}, "resources": [{"name": "/aws/lambda/a"}]}]`))
		if want := (Finding{prowler, "c", ":aws:lambda:a", "High: d"}); err != nil || len(found) != 1 || found[0] != want {
			t.Errorf("it is %v and %v, want %v", found, err, want)
		}
		for _, test := range []struct{ resource, detail, want string }{
			{"http://127.0.0.1:4612/000000000000/queue-a", "d", "queue-a"},
			{"sg-0a1", "Security group secgroup-a (sg-0a1) has SSH port 22 open to the Internet.", "secgroup-a"},
			{"role-a/policy", "d", "role-a:policy"},
		} {
			if got := nameOf(test.resource, test.detail); got != test.want {
				t.Errorf("%s is named %q, want %q", test.resource, got, test.want)
			}
		}
		if _, err := readProwler([]byte(`[{"status_code": "MANUAL"}]`)); err == nil {
			t.Error("a report in which nothing passed is read")
		}
	})
}
