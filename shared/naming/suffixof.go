package naming

import (
	"regexp"
	"slices"
	"strings"
)

// nameFormat is the order of the words in the names of a kind, by which a name is parsed from its beginning without ambiguity:
// {type}-{purpose}-{role}-{details}-{environmentSuffix}. It cannot be parsed from its end: a name that ends with -a may be of
// the environment a, or of b-a.
type nameFormat struct {
	// noPurpose names begin with the role.
	noPurpose bool
	// regionless names are the same in both regions: a purpose of one word, and no role.
	regionless bool
	// details are the words after the role, each with its pattern.
	details []*regexp.Regexp
	// optional is the pattern of a word that may follow the details.
	optional *regexp.Regexp
}

// The patterns of details.
var (
	number  = regexp.MustCompile(`^[0-9]+$`)
	tier    = regexp.MustCompile(`^(public|private|isolated)$`)
	account = regexp.MustCompile(`^[0-9]{12}$`)
	engine  = regexp.MustCompile(`^pg[0-9]+$`)
	moment  = regexp.MustCompile(`^[0-9]{8}t[0-9]{6}$`)
)

// SnapshotTime is the form of the time in the name of a final snapshot. No suffix begins with it and a hyphen, which is longer than
// [MaxSuffixLength].
const SnapshotTime = "20060102t150405"

// nameFormats holds the kinds whose names are not a purpose of one word or more and a role.
var nameFormats = map[Kind]nameFormat{
	VPC:                    {noPurpose: true},
	Subnet:                 {noPurpose: true, details: []*regexp.Regexp{tier, number}},
	RouteTable:             {noPurpose: true, details: []*regexp.Regexp{tier, number}},
	InternetGateway:        {noPurpose: true},
	NATGateway:             {noPurpose: true, details: []*regexp.Regexp{number}},
	ElasticIP:              {noPurpose: true, details: []*regexp.Regexp{number}},
	PeeringConnection:      {noPurpose: true},
	HealthCheck:            {noPurpose: true},
	GlobalDatabase:         {regionless: true},
	DatabaseInstance:       {details: []*regexp.Regexp{number}},
	DatabaseParameterGroup: {details: []*regexp.Regexp{engine}},
	DatabaseSnapshot:       {optional: moment},
	Secret:                 {regionless: true},
	Bucket:                 {details: []*regexp.Regexp{account}},
	BackupVault:            {noPurpose: true},
	BackupPlan:             {noPurpose: true},
	BackupSelection:        {noPurpose: true},
	Dashboard:              {noPurpose: true},
	EventBus:               {regionless: true},
	LoadBalancer:           {noPurpose: true},
}

// SuffixOf returns the environment suffix of a physical name, whatever other environments exist. ok is false if the name is
// none of the platform's. The words before the suffix are known by their number or pattern, or end at the first role. A purpose
// may contain a role only as its first word: primary-endpoint, not lag-primary-slow.
func SuffixOf(name string) (suffix string, ok bool) {
	for kind, r := range rules {
		if r.underscored && strings.HasPrefix(name, r.prefix+"_") && !strings.Contains(name, "-") {
			name = strings.ReplaceAll(name, "_", "-") // no suffix has an underscore
		}
		if rest, found := strings.CutPrefix(name, r.prefix+"-"); found {
			return nameFormats[Kind(kind)].suffixOf(strings.Split(rest, "-"))
		}
	}
	return "", false
}

// suffixOf parses the words after a kind's prefix.
func (s nameFormat) suffixOf(words []string) (string, bool) {
	parsed := 1 // the one word of a regionless name's purpose
	if !s.regionless {
		role := 0
		if !s.noPurpose {
			role = 1
		}
		for role < len(words) && !slices.Contains([]Role{Primary, Secondary}, Role(words[role])) {
			role++
		}
		if s.noPurpose && role > 0 {
			return "", false
		}
		parsed = role + 1
	}
	for _, pattern := range s.details {
		if parsed >= len(words) || !pattern.MatchString(words[parsed]) {
			return "", false
		}
		parsed++
	}
	if s.optional != nil && parsed+1 < len(words) && s.optional.MatchString(words[parsed]) {
		parsed++
	}
	if parsed >= len(words) || !word.MatchString(strings.Join(words[:parsed], "-")) {
		return "", false
	}
	suffix := strings.Join(words[parsed:], "-")
	_, err := New(suffix)
	return suffix, err == nil
}
