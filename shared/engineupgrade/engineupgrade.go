// Package engineupgrade raises the minor version of Aurora PostgreSQL in a deployed global database, member by member, as AWS requires.
//
// The AWS plugin cannot do that. It first modifies the global cluster. AWS refuses with a message that the plugin's release does not
// know, and the plugin then modifies the members in its state, which has none after the first deployment (decision 35).
package engineupgrade

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	// memberTimeout bounds the upgrade of one member, whose instances AWS restarts. AWS documents no bound; this is the plugin's default
	// timeout of an update.
	memberTimeout = 90 * time.Minute
	// pollInterval is the time between two descriptions of a member.
	pollInterval = 15 * time.Second
)

// available is the status of a cluster that can be modified. AWS: Amazon Aurora User Guide, "Viewing DB cluster status".
const available = "available"

// ErrNothingToDo says that the deployed version is the configured one, or that nothing is deployed.
var ErrNothingToDo = errors.New("the engine has the configured version")

// Member is the DB cluster of one region in a global database.
type Member struct {
	Region, ID string
	Writer     bool
}

// RDS is the part of Amazon RDS that an upgrade needs.
type RDS interface {
	// Members returns the members of the global cluster of that identifier, from RDS in a region.
	Members(ctx context.Context, region, global string) ([]Member, error)
	// Version returns the engine version and the status of a member.
	Version(ctx context.Context, member Member) (version, status string, err error)
	// Raise starts the upgrade of a member. busy says that AWS refuses it until another change of the global database has ended.
	Raise(ctx context.Context, member Member, version string) (busy bool, err error)
}

// Deployed is the global cluster as a stack's state has it.
type Deployed struct{ Region, ID, Version string }

// Read returns the global cluster in a state that `pulumi stack export` has printed; ok is false where there is none.
func Read(exported []byte) (found Deployed, ok bool, err error) {
	var state struct {
		Deployment struct {
			Resources []struct {
				URN, Type, ID, Provider string
				Inputs                  struct{ EngineVersion, Region string }
				Outputs                 struct{ EngineVersion string }
			}
		}
	}
	if err := json.Unmarshal(exported, &state); err != nil {
		return Deployed{}, false, fmt.Errorf("reading the state: %w", err)
	}
	regions := map[string]string{}
	for _, resource := range state.Deployment.Resources {
		if resource.Type == "pulumi:providers:aws" {
			regions[resource.URN+"::"+resource.ID] = resource.Inputs.Region
		}
	}
	for _, resource := range state.Deployment.Resources {
		if resource.Type != "aws:rds/globalCluster:GlobalCluster" || resource.ID == "" {
			continue
		}
		found := Deployed{regions[resource.Provider], resource.ID, resource.Outputs.EngineVersion}
		if found.Region == "" || found.Version == "" {
			return Deployed{}, false, fmt.Errorf("reading the state: global cluster %s has no engine version, or no region", found.ID)
		}
		return found, true, nil
	}
	return Deployed{}, false, nil
}

// Upgrade raises a deployed global database to a version.
type Upgrade struct {
	RDS RDS
	// Progress is called with a line about each step, before the step.
	Progress func(line string)
	// Wait pauses between two descriptions of a member.
	Wait func(context.Context, time.Duration) error
	// Now is the clock.
	Now func() time.Time
}

// Check returns nil when the deployed engine can be raised to the version, [ErrNothingToDo] when it has that version, and otherwise the
// reason why not.
func Check(deployed Deployed, version string) error {
	if deployed.Version == version {
		return ErrNothingToDo
	}
	from, fromOK := parse(deployed.Version)
	to, toOK := parse(version)
	switch {
	case !fromOK || !toOK:
		return fmt.Errorf("engineVersion: %s is deployed and %s is configured: both must be exact versions, as 16.8", deployed.Version, version)
	case from[0] != to[0]:
		return fmt.Errorf("engineVersion: %s is deployed and %s is configured: another major version is not reached by an update of the stack. "+
			"Set engineVersion to %s, and see lambda/failover/RUNBOOK.md, \"Upgrade the database\"", deployed.Version, version, deployed.Version)
	case slices.Compare(from[:], to[:]) > 0:
		return fmt.Errorf("engineVersion: %s is deployed and %s is configured: AWS does not lower an engine's version. Set engineVersion to %s",
			deployed.Version, version, deployed.Version)
	}
	return nil
}

// Run raises every member that has another version, the secondaries before the primary (Amazon Aurora User Guide, "Upgrading an Amazon
// Aurora global database"), and waits for each. It may be run again after an interruption.
func (u Upgrade) Run(ctx context.Context, deployed Deployed, version string) error {
	if err := Check(deployed, version); err != nil {
		return err
	}
	members, err := u.RDS.Members(ctx, deployed.Region, deployed.ID)
	if err != nil {
		return err
	}
	if len(members) == 0 {
		return fmt.Errorf("raising the engine of global cluster %s: it has no members", deployed.ID)
	}
	slices.SortStableFunc(members, func(a, b Member) int { return rank(a) - rank(b) })
	for _, member := range members {
		if err := u.raise(ctx, member, version); err != nil {
			return fmt.Errorf("raising DB cluster %s in %s to %s: %w", member.ID, member.Region, version, err)
		}
	}
	return nil
}

// rank puts the writer last.
func rank(member Member) int {
	if member.Writer {
		return 1
	}
	return 0
}

// raise upgrades one member and waits until it is available with the version.
func (u Upgrade) raise(ctx context.Context, member Member, version string) error {
	deadline := u.Now().Add(memberTimeout)
	begun := false
	for {
		current, status, err := u.RDS.Version(ctx, member)
		switch {
		case err != nil:
			return err
		case current == version && status == available:
			return nil
		case !begun && status == available:
			if err := Check(Deployed{Version: current}, version); err != nil {
				return err
			}
			consequence := "the standby follows no writer meanwhile"
			if member.Writer {
				consequence = "writes fail meanwhile"
			}
			u.Progress(fmt.Sprintf("raising DB cluster %s in %s from %s to %s: %s", member.ID, member.Region, current, version, consequence))
			busy, err := u.RDS.Raise(ctx, member, version)
			if err != nil {
				return err
			}
			begun = !busy
		}
		if u.Now().After(deadline) {
			return fmt.Errorf("it is %s with %s after %s: read its events in RDS, then repeat", status, current, memberTimeout)
		}
		if err := u.Wait(ctx, pollInterval); err != nil {
			return err
		}
	}
}

// parse returns the numbers of an exact version, as 16.8.
func parse(version string) (numbers [2]int, ok bool) {
	major, minor, cut := strings.Cut(version, ".")
	if !cut {
		return numbers, false
	}
	var err, minorErr error
	numbers[0], err = strconv.Atoi(major)
	numbers[1], minorErr = strconv.Atoi(minor)
	return numbers, err == nil && minorErr == nil && numbers[0] > 0 && numbers[1] >= 0
}
