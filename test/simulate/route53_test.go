package simulate

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
	"testing"
)

// The local AWS emulator evaluates Route 53 in a module of its own, so its code cannot be called here. Its tables of cases can be read.
const (
	thresholdTable = "../local/route53/threshold_test.go"
	failoverTable  = "../local/route53/failover_test.go"
)

// tableOf returns the rows of the first table in a test function of a file: the name and the constants of each row.
func tableOf(t *testing.T, file, function string) map[string][]string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string][]string{}
	for _, declared := range parsed.Decls {
		test, is := declared.(*ast.FuncDecl)
		if !is || test.Name.Name != function {
			continue
		}
		ast.Inspect(test, func(n ast.Node) bool {
			table, is := n.(*ast.CompositeLit)
			if !is || len(rows) > 0 {
				return len(rows) == 0
			}
			for _, element := range table.Elts {
				row, is := element.(*ast.KeyValueExpr)
				if !is {
					return true
				}
				var cells []string
				for _, cell := range row.Value.(*ast.CompositeLit).Elts {
					cells = append(cells, constant(cell))
				}
				rows[constant(row.Key)] = cells
			}
			return false
		})
	}
	if len(rows) < 5 {
		t.Fatalf("%s of %s has %d rows: its table is no longer found", function, file, len(rows))
	}
	return rows
}

// constant returns a literal's value, or a name.
func constant(of ast.Expr) string {
	switch of := of.(type) {
	case *ast.BasicLit:
		if text, err := strconv.Unquote(of.Value); err == nil {
			return text
		}
		return of.Value
	case *ast.Ident:
		return of.Name
	}
	return ""
}

func TestAThresholdIsTheEmbeddedAWSs(t *testing.T) {
	for name, row := range tableOf(t, thresholdTable, "TestThreshold") {
		t.Run(name, func(t *testing.T) {
			limit, err := strconv.Atoi(row[0])
			if err != nil {
				t.Fatal(err)
			}
			var s threshold
			for i, result := range row[1] {
				before := s.unhealthy
				changed := s.observe(result == '+', limit)
				if want := row[2][i] == 'u'; s.unhealthy != want || changed != (before != want) {
					t.Errorf("after %s it is unhealthy: %t, changed: %t", row[1][:i+1], s.unhealthy, changed)
				}
			}
		})
	}
}

func TestTheChosenRegionIsTheEmbeddedAWSs(t *testing.T) {
	for name, row := range tableOf(t, failoverTable, "TestFailover") {
		t.Run(name, func(t *testing.T) {
			var halves [2]half
			for p, region := range [...]string{"east", "west"} {
				if strings.Contains(row[0], region) {
					halves[p].unhealthy = checkers
				}
				halves[p].target.unhealthy = strings.Contains(row[1], region)
			}
			if got, want := choosePrimary(halves[east].healthy(), halves[west].healthy()), row[2] == "eastBalancer"; got != want {
				t.Errorf("the primary answers: %t, want %t", got, want)
			}
		})
	}
}

func TestTheQuorum(t *testing.T) {
	for name, test := range map[string]struct {
		unhealthy int
		want      bool
	}{
		"all checkers find it healthy":      {0, true},
		"3 of 16, 18.75 %, find it healthy": {checkers - 3, true},
		"2 of 16, 12.5 %, are not enough":   {checkers - 2, false},
		"no checker finds it healthy":       {checkers, false},
	} {
		t.Run(name, func(t *testing.T) {
			h := half{unhealthy: test.unhealthy}
			if got := h.healthy(); got != test.want {
				t.Errorf("healthy: %t", got)
			}
		})
	}
}
