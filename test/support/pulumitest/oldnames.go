package pulumitest

// The former names, for tests that are not changed yet.
type (
	// Side is a [RegionView].
	Side = RegionView
)

var (
	// PairRules is [TwoRegionRules].
	PairRules = TwoRegionRules
	// WantAfter is [AssertDependsOn].
	WantAfter = AssertDependsOn
	// CheckEveryWay is [CheckEveryMode].
	CheckEveryWay = CheckEveryMode
)
