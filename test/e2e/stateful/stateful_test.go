package stateful

import (
	"fmt"
	"strings"
	"testing"
)

const urn = "urn:pulumi:dev::data-global::warmstandby:storage:Replicated$aws:s3/bucketV2:BucketV2::bucket-assets-primary-dev"

// step is one of a preview.
func step(op, urn, kind, reasons string) string {
	return fmt.Sprintf(`{"op": %q, "urn": %q, "oldState": {"urn": %q, "type": %q}, "replaceReasons": [%s]}`, op, urn, urn, kind, reasons)
}

func preview(steps ...string) string {
	return `{"config": {}, "steps": [` + strings.Join(steps, ",") + `]}`
}

func TestFind(t *testing.T) {
	t.Run("a replaced or deleted resource with data is a loss", func(t *testing.T) {
		const bucket = "aws:s3/bucketV2:BucketV2"
		for name, test := range map[string]struct {
			preview string
			allowed []Exception
			want    string // of the only loss; empty: none
		}{
			"as it was": {
				preview: preview(step("same", urn, bucket, "")),
			},
			"changed in place": {
				preview: preview(step("update", urn, bucket, "")),
			},
			"new": {
				preview: preview(step("create", urn, bucket, "")),
			},
			"replaced": {
				preview: preview(
					step("create-replacement", urn, bucket, ""),
					step("replace", urn, bucket, `"bucket", "region"`),
					step("delete-replaced", urn, bucket, ""),
				),
				want: "replace of " + urn + " because of bucket, region: lost is the objects in it",
			},
			"deleted": {
				preview: preview(step("delete", urn, bucket, "")),
				want:    "delete of " + urn + ": lost is",
			},
			"behind lines of make's": {
				preview: "http://127.0.0.1:4566\n" + preview(step("delete", urn, bucket, "")),
				want:    "delete of " + urn,
			},
			"a listener, which holds nothing": {
				preview: preview(step("replace", strings.ReplaceAll(urn, bucket, "aws:lb/listener:Listener"), "aws:lb/listener:Listener", "")),
			},
			"allowed": {
				preview: preview(step("delete", urn, bucket, "")),
				allowed: []Exception{{bucket + "::bucket-assets-primary-dev", "it is empty"}},
			},
			"another one allowed": {
				preview: preview(step("delete", urn, bucket, "")),
				allowed: []Exception{{bucket + "::bucket-assets-secondary-dev", "it is empty"}},
				want:    "delete of " + urn,
			},
		} {
			losses, err := Find([]byte(test.preview), test.allowed)
			switch {
			case err != nil:
				t.Errorf("%s: %v", name, err)
			case test.want == "" && len(losses) > 0:
				t.Errorf("%s: %v, want no loss", name, losses)
			case test.want != "" && (len(losses) != 1 || !strings.Contains(losses[0].String(), test.want)):
				t.Errorf("%s: %v, want one, with %q", name, losses, test.want)
			}
		}
	})
	t.Run("each kind with data is recognized", func(t *testing.T) {
		for kind := range Kinds {
			replaced := preview(step("replace", "urn:pulumi:dev::p::"+kind+"::one", kind, ""))
			if losses, err := Find([]byte(replaced), nil); err != nil || len(losses) != 1 {
				t.Errorf("%s is replaced: %v, %v, want a loss", kind, losses, err)
			}
		}
	})
	t.Run("a malformed preview and an exception without a reason are refused", func(t *testing.T) {
		good := preview(step("same", urn, "aws:s3/bucketV2:BucketV2", ""))
		for name, test := range map[string]struct {
			preview string
			allowed []Exception
			want    string
		}{
			"nothing":                        {"", nil, "no JSON"},
			"words":                          {"error: no stack", nil, "no JSON"},
			"half of it":                     {good[:len(good)/2], nil, "reading the preview"},
			"no steps":                       {preview(), nil, "no steps"},
			"an exception without a reason":  {good, []Exception{{Resource: "Bucket::x"}}, "wants a resource and a reason"},
			"an exception of every resource": {good, []Exception{{Reason: "why not"}}, "wants a resource and a reason"},
		} {
			if losses, err := Find([]byte(test.preview), test.allowed); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%s: %v, %v, want %q", name, losses, err, test.want)
			}
		}
	})
}

func FuzzFind(f *testing.F) {
	f.Add([]byte(preview(step("replace", urn, "aws:s3/bucketV2:BucketV2", `"bucket"`))))
	f.Add([]byte("{}"))
	f.Fuzz(func(t *testing.T, text []byte) {
		losses, err := Find(text, nil)
		if err != nil && losses != nil {
			t.Errorf("%q: both %v and %v", text, losses, err)
		}
		for _, loss := range losses {
			if loss.String() == "" || Kinds[loss.Type] == "" {
				t.Errorf("%q: a loss of nothing: %+v", text, loss)
			}
		}
	})
}
