package invocation

import (
	"testing"
)

func TestCommand(t *testing.T) {
	const repeated = `ENV=local-two STATE='/a folder/it'\''s' PORT=4567`
	tests := []struct {
		name string
		got  string
		want string
	}{
		{"directly", Direct("prod", DefaultRegion).Command(Status), "warmstandby status --env prod"},
		{"directly, in another region", Direct("prod", "eu-west-1").Command(Failback), "warmstandby failback --env prod --region eu-west-1"},
		{
			name: "directly, with flags",
			got:  Direct("prod", DefaultRegion).Command(Failover, AllowDataLoss, Force),
			want: "warmstandby failover --env prod --allow-data-loss --force",
		},
		{
			name: "directly, in a region that a shell would read",
			got:  Direct("prod", "x; y").Command(Status),
			want: "warmstandby status --env prod --region 'x; y'",
		},
		{"by make", Make(repeated).Command(Status), "make status " + repeated},
		{"by make, with flags", Make("ENV=prod").Command(Failover, AllowDataLoss, Force), "make failover ENV=prod DATA_LOSS=yes FORCE=yes"},
		{"by make, pausing", Make("ENV=prod").Command(Pause), "make pause-failover ENV=prod"},
		{"by make, resuming", Make("ENV=prod").Command(Resume), "make resume-failover ENV=prod"},
		{"another target of make", Make("ENV=prod").MakeTarget("destroy"), "make destroy ENV=prod"},
		{"another target of make, called directly", Direct("prod", DefaultRegion).MakeTarget("destroy"), ""},
		{"as make was called", By(" ENV=prod PORT=1 ", true, "prod", DefaultRegion).Command(Status), "make status ENV=prod PORT=1"},
		{
			name: "as make was called without arguments",
			got:  By("", true, "local", DefaultRegion).Command(Failover, AllowDataLoss),
			want: "make failover DATA_LOSS=yes",
		},
		{"as make was called with arguments of its own only", By("PORT=1", true, "local", DefaultRegion).Command(Status), "make status PORT=1"},
		{
			name: "as make was called for a suffix that is not the environment's name",
			got:  By("ENV=blue SUFFIX=prod", true, "prod", DefaultRegion).Command(Status),
			want: "make status ENV=blue SUFFIX=prod",
		},
		{
			name: "as make was called for another region",
			got:  By("ENV=prod STANDBY=eu-west-1", true, "prod", "eu-west-1").Command(Status),
			want: "make status ENV=prod STANDBY=eu-west-1",
		},
		{"without make", By("", false, "local", DefaultRegion).Command(Status), "warmstandby status --env local"},
		{
			name: "in a shell that make has set up for another environment",
			got:  By("ENV=dev", true, "prod", DefaultRegion).Command(Status),
			want: "warmstandby status --env prod",
		},
		{
			name: "in a shell that make has set up for its default environment",
			got:  By("", true, "prod", DefaultRegion).Command(Status),
			want: "warmstandby status --env prod",
		},
		{
			name: "in a shell that make has set up for another region",
			got:  By("ENV=prod", true, "prod", "eu-west-1").Command(Status),
			want: "warmstandby status --env prod --region eu-west-1",
		},
		{"the controller's, in the default region", OfMake("prod", DefaultRegion).Command(Status), "make status ENV=prod"},
		{"the controller's, in another region", OfMake("prod", "eu-west-1").Command(Status), "make status ENV=prod STANDBY=eu-west-1"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if test.got != test.want {
				t.Errorf("it is typed %q, want %q", test.got, test.want)
			}
		})
	}
}
