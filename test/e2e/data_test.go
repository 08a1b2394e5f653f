//go:build e2e

package e2e

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
)

// checkDataGlobal verifies the data layer in both regions, and moves the writer to the standby region and back.
func checkDataGlobal(t *testing.T, p *platform) {
	t.Run("both regions find the same parameters, each with its own values", func(t *testing.T) { checkParameters(t, p) })
	runOnEmulator(t, "a row written at the global endpoint is read in the standby region", func(t *testing.T) {
		p.write(t, east, "before")
		p.awaitRows(t, west, "before")
		p.checkReadOnly(t, west)
	})
	runOnEmulator(t, "the database answers over TLS only", func(t *testing.T) { p.checkTLS(t) })
	for _, direction := range [...]struct{ from, to string }{{east, west}, {west, east}} {
		t.Run("a document put in "+direction.from+" is in "+direction.to+", until it is deleted", func(t *testing.T) {
			checkDocument(t, p, direction.from, direction.to)
		})
	}
	t.Run("backups", func(t *testing.T) { checkBackups(t, p) })
	t.Run("an event put in either region arrives once in each", func(t *testing.T) { checkEvents(t, p) })
	runOnEmulator(t, "a switchover loses no row", func(t *testing.T) {
		p.moveWriter(t, west, switchover)
		p.awaitRows(t, west, "before")
		p.write(t, west, "switched over")
		p.awaitRows(t, east, "before", "switched over")
		p.moveWriter(t, east, switchover)
	})
	runOnEmulator(t, "a failover that may lose data loses no row that had arrived", func(t *testing.T) {
		p.moveWriter(t, west, failover)
		p.write(t, west, "failed over")
		p.awaitRows(t, east, "before", "switched over", "failed over")
		p.moveWriter(t, east, switchover)
		p.write(t, east, "home again")
		p.awaitRows(t, west, "before", "switched over", "failed over", "home again")
	})
	t.Run("without foundation-network the preview names the command to run", func(t *testing.T) { checkMissingProducer(t, p) })
}

// sharedParameters have the same value in both regions; the values of ownParameters differ.
var (
	sharedParameters = []string{
		"database/name", "database/writer-endpoint", "database/port", "database/secret-name", "events/bus",
		"auth/issuer", "auth/audience", "auth/keys", "auth/tenant-claim", "auth/default-tenant", "failover/config", "failover/mode",
	}
	ownParameters = []string{
		"database/cluster-endpoint", "database/peer-cluster-endpoint", "database/reader-endpoint", "database/cluster-port", "documents/bucket",
		"assets/bucket",
	}
)

// parameters returns all of the environment's parameters in a region, by their path relative to the environment's.
func (p *platform) parameters(t testing.TB, region string) map[string]string {
	t.Helper()
	path := "/warmstandby/" + p.name
	pages := ssm.NewGetParametersByPathPaginator(ssm.NewFromConfig(p.aws(t, region)),
		&ssm.GetParametersByPathInput{Path: aws.String(path), Recursive: aws.Bool(true)})
	values := map[string]string{}
	for pages.HasMorePages() {
		for _, parameter := range require(pages.NextPage(t.Context()))(t).Parameters {
			values[strings.TrimPrefix(aws.ToString(parameter.Name), path+"/")] = aws.ToString(parameter.Value)
		}
	}
	return values
}

func checkParameters(t *testing.T, p *platform) {
	want := slices.Sorted(slices.Values(append(slices.Clone(sharedParameters), ownParameters...)))
	peers := map[string]string{east: west, west: east}
	seen := map[string]map[string]string{}
	for _, deployed := range deployedRegions {
		seen[deployed.region] = p.parameters(t, deployed.region)
		if got := slices.Sorted(maps.Keys(seen[deployed.region])); !slices.Equal(got, want) {
			t.Fatalf("%s has the parameters %v, want %v", deployed.region, got, want)
		}
		// Each names a resource of the region.
		cluster := p.cluster(t, deployed.region)
		for name, value := range map[string]string{
			"database/writer-endpoint":  aws.ToString(p.globalCluster(t, deployed.region).Endpoint),
			"database/cluster-endpoint": aws.ToString(cluster.Endpoint),

			"database/peer-cluster-endpoint": aws.ToString(p.cluster(t, peers[deployed.region]).Endpoint),

			"database/reader-endpoint": aws.ToString(cluster.ReaderEndpoint),
			"database/cluster-port":    strconv.Itoa(int(aws.ToInt32(cluster.Port))),
			"database/name":            aws.ToString(cluster.DatabaseName),
		} {
			if got := seen[deployed.region][name]; got != value {
				t.Errorf("%s in %s is %s, want %s", name, deployed.region, got, value)
			}
		}
		client := p.s3(t, deployed.region)
		for _, name := range [...]string{"documents/bucket", "assets/bucket"} {
			head := require(client.HeadBucket(t.Context(), &s3.HeadBucketInput{Bucket: aws.String(seen[deployed.region][name])}))(t)
			if got := aws.ToString(head.BucketRegion); got != deployed.region {
				t.Errorf("%s in %s names a bucket in %s", name, deployed.region, got)
			}
		}
	}
	for _, name := range sharedParameters {
		if seen[east][name] != seen[west][name] {
			t.Errorf("%s is %s in %s and %s in %s, want one value", name, seen[east][name], east, seen[west][name], west)
		}
	}
}

// s3 returns a client of one region. The name of a bucket goes into the path, because its host name is not resolved.
func (p *platform) s3(t *testing.T, region string) *s3.Client {
	t.Helper()
	return s3.NewFromConfig(p.aws(t, region), func(options *s3.Options) { options.UsePathStyle = true })
}

func checkDocument(t *testing.T, p *platform, from, to string) {
	const content, title, class = "a finding", "finding", "phi"
	ctx, source, target := t.Context(), p.s3(t, from), p.s3(t, to)
	key := aws.String("put-in-" + from)
	own := aws.String(p.parameters(t, from)["documents/bucket"])
	other := aws.String(p.parameters(t, to)["documents/bucket"])
	require(source.PutObject(ctx, &s3.PutObjectInput{
		Bucket: own, Key: key, Body: strings.NewReader(content), ContentType: aws.String("text/plain"),
		Metadata: map[string]string{"title": title}, Tagging: aws.String("class=" + class),
	}))(t)
	await(t, "waiting for the replica in "+to, func() error {
		_, err := target.HeadObject(ctx, &s3.HeadObjectInput{Bucket: other, Key: key})
		return err
	})
	replica := require(target.GetObject(ctx, &s3.GetObjectInput{Bucket: other, Key: key}))(t)
	defer replica.Body.Close()
	if got := string(require(io.ReadAll(replica.Body))(t)); got != content {
		t.Errorf("the replica holds %q, want %q", got, content)
	}
	if got := replica.Metadata["title"]; got != title || aws.ToString(replica.ContentType) != "text/plain" {
		t.Errorf("the replica has the title %q and the type %q", got, aws.ToString(replica.ContentType))
	}
	tags := require(target.GetObjectTagging(ctx, &s3.GetObjectTaggingInput{Bucket: other, Key: key}))(t).TagSet
	if len(tags) != 1 || aws.ToString(tags[0].Key) != "class" || aws.ToString(tags[0].Value) != class {
		t.Errorf("the replica has %d tags, want class=%s alone", len(tags), class)
	}

	require(source.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: own, Key: key}))(t)
	await(t, "waiting for the delete marker in "+to, func() error {
		_, err := target.HeadObject(ctx, &s3.HeadObjectInput{Bucket: other, Key: key})
		if notFound := new(s3types.NotFound); !errors.As(err, &notFound) {
			return fmt.Errorf("the object is still there: %w", err)
		}
		return nil
	})
	versions := require(target.ListObjectVersions(ctx, &s3.ListObjectVersionsInput{Bucket: other, Prefix: key}))(t)
	if len(versions.DeleteMarkers) != 1 || len(versions.Versions) != 1 {
		t.Errorf("%s has %d delete markers and %d versions, want one of each", to, len(versions.DeleteMarkers), len(versions.Versions))
	}
}

// checkMissingProducer previews data-global in an environment without network, in the same emulator: first without a stack
// foundation-network, then with an empty one. Pulumi refuses and names the command to run; make prints that in one line, and
// succeeds.
func checkMissingProducer(t *testing.T, p *platform) {
	bare := *p
	bare.name += "-b"
	t.Cleanup(func() { bare.removeSettings(t) })
	deploy := "make up STACK=foundation-network " + strings.Join(bare.variables(), " ")
	want := "reading the outputs of stack organization/foundation-network/" + bare.name + "; to deploy it: " + deploy
	refused := func(why string) {
		t.Helper()
		line := "data-global: no preview, because foundation-network is not deployed in ENV=" + bare.name
		if output := bare.make(t, "preview", "STACK=data-global"); strings.Count(output, line) != 1 {
			t.Errorf("make preview does not say %q once:\n%s", line, output)
		}
		output, err := bare.tryShell(t, "cd stacks/data-global && pulumi stack select --create \"$ENV\" && pulumi preview --non-interactive 2>&1")
		if err == nil || !strings.Contains(output, want) || !strings.Contains(output, why) {
			t.Errorf("the preview ends with %v, want an error with %q and %q:\n%s", err, want, why, output)
		}
	}
	refused("unknown stack")
	bare.make(t, "outputs", "STACK=foundation-network") // Makes the stack, with nothing in it.
	refused("output environmentSuffix: allowed a string that is not empty, got nothing")
}
