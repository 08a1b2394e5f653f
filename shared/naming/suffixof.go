package naming

import (
	"regexp"
	"slices"
	"strings"
)

// nameFormat is how the words of a kind's names follow each other, so that a name is read from its beginning in one way only:
// {type}-{purpose}-{role}-{details}-{environmentSuffix}. Reading from the end would not do: a name that ends with -a may be of
// the environment a, or of b-a.
type nameFormat struct {
	// noPurpose names have no purpose: the role is what they are for.
	noPurpose bool
	// regionless names are the same in both regions: a purpose of one word, and no role.
	regionless bool
	// details are the words behind the role, each in its form.
	details []*regexp.Regexp
}

// The forms of details.
var (
	number  = regexp.MustCompile(`^[0-9]+$`)
	tier    = regexp.MustCompile(`^(public|private|isolated)$`)
	account = regexp.MustCompile(`^[0-9]{12}$`)
	engine  = regexp.MustCompile(`^pg[0-9]+$`)
)

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
	Secret:                 {regionless: true},
	Bucket:                 {details: []*regexp.Regexp{account}},
	BackupVault:            {noPurpose: true},
	BackupPlan:             {noPurpose: true},
	BackupSelection:        {noPurpose: true},
	Dashboard:              {noPurpose: true},
	EventBus:               {regionless: true},
	LoadBalancer:           {noPurpose: true},
}

// SuffixOf returns the environment suffix that a physical name ends with, whatever other environments there are: of the
// name's kind, the words before the suffix are known by their number or form, or end at the first role. ok is false for what
// is no name of the platform. A purpose may hold a role as a word, but not behind its first: primary-endpoint, not
// lag-primary-slow.
func SuffixOf(name string) (suffix string, ok bool) {
	for kind, r := range rules {
		if rest, found := strings.CutPrefix(name, r.prefix+"-"); found {
			return nameFormats[Kind(kind)].suffixOf(strings.Split(rest, "-"))
		}
	}
	return "", false
}

// suffixOf reads the words behind a kind's prefix.
func (s nameFormat) suffixOf(words []string) (string, bool) {
	read := 1 // the one word of a pair's purpose
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
		read = role + 1
	}
	for _, pattern := range s.details {
		if read >= len(words) || !pattern.MatchString(words[read]) {
			return "", false
		}
		read++
	}
	if read >= len(words) || !word.MatchString(strings.Join(words[:read], "-")) {
		return "", false
	}
	suffix := strings.Join(words[read:], "-")
	_, err := New(suffix)
	return suffix, err == nil
}
