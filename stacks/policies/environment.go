package main

import (
	"fmt"
	"regexp"
)

var (
	accountPattern = regexp.MustCompile(`^[0-9]{12}$`)
	// namePattern is that of an environment or a suffix, of which the last part may be any: a CI makes dev-1, dev-2, …
	namePattern   = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*(-\*)?$`)
	regionPattern = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-[0-9]$`)
	// repositoryPattern and admissionPattern have no character with which IAM stands for others.
	repositoryPattern = regexp.MustCompile(`^[A-Za-z0-9-]+/[A-Za-z0-9._-]+$`)
	admissionPattern  = regexp.MustCompile(`^[A-Za-z0-9._-]+$`)
	bucketPattern     = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)
)

// environment is what the documents are for.
type environment struct {
	account, name, suffix, primary, standby string

	state      string // the bucket of CI's Pulumi backend
	repository string // whose workflows are CI, owner/name at GitHub
	admission  string // the GitHub environment that admits a run of the workflow
}

// check refuses what would make a policy of another meaning.
func (e environment) check() error {
	for _, value := range []struct {
		name, text string
		pattern    *regexp.Regexp
	}{
		{"-account", e.account, accountPattern}, {"-environment", e.name, namePattern}, {"-suffix", e.suffix, namePattern},
		{"-primary", e.primary, regionPattern}, {"-standby", e.standby, regionPattern}, {"-state", e.state, bucketPattern},
		{"-repository", e.repository, repositoryPattern}, {"-admission", e.admission, admissionPattern},
	} {
		if !value.pattern.MatchString(value.text) {
			return fmt.Errorf("%s is %q: want %s", value.name, value.text, value.pattern)
		}
	}
	return nil
}
