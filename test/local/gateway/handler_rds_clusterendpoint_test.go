package gateway

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

func TestAClusterHasItsAddressBeforeItsFirstInstance(t *testing.T) {
	describe := func(engine string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, "<R><DBClusters><DBCluster><DBClusterIdentifier>c</DBClusterIdentifier><Engine>"+engine+"</Engine>"+
				"<Endpoint>c.us-east-1.rds.amazonaws.com</Endpoint><ReaderEndpoint>c-ro.us-east-1.rds.amazonaws.com</ReaderEndpoint></DBCluster></DBClusters></R>")
		}
	}
	for name, test := range map[string]struct {
		engine  string
		servers Aurora
		want    string
	}{
		"a cluster that has servers":  {auroraEngine, &servers{}, "<Endpoint>127.0.0.1</Endpoint><ReaderEndpoint>127.0.0.1</ReaderEndpoint>"},
		"a cluster of another engine": {"aurora-mysql", &servers{}, "<Endpoint>c.us-east-1.rds.amazonaws.com</Endpoint>"},
		"no data plane":               {auroraEngine, nil, "<Endpoint>c.us-east-1.rds.amazonaws.com</Endpoint>"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t, t.TempDir(), describe(test.engine))
			f.gateway.aurora = test.servers
			if _, described := f.query("us-east-1", "rds", "DescribeDBClusters"); !strings.Contains(described, test.want) {
				t.Errorf("want %s in %s", test.want, described)
			}
		})
	}
}
