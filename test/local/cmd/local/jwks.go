package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"warmstandby/test/local/issuer"
)

// Configuration keys of data-global by which the application knows whose tokens it admits, and whose records they are good for.
const (
	issuerKey        = "data-global:jwtIssuer"
	audienceKey      = "data-global:jwtAudience"
	tenantClaimKey   = "data-global:jwtTenantClaim"
	defaultTenantKey = "data-global:jwtDefaultTenant"
	keysKey          = "data-global:jwtKeys"
)

// runJWKS prints the configuration with which the application admits the tokens that `local token` prints, a line a
// setting. It prints nothing when the stack's settings name another issuer, whose choice stands, and no setting that the stack's project
// does not declare: an earlier version may be deployed with this emulator.
func runJWKS(_ context.Context, args []string, stdout, stderr io.Writer) error {
	var settings string
	folder, err := instanceFlags("jwks", args, stderr, func(flags *flag.FlagSet) {
		flags.StringVar(&settings, "settings", "", "the file of the stack's settings, Pulumi.<stack>.yaml")
	})
	if err != nil {
		return err
	}
	configured, err := issuerIn(settings)
	if err != nil || configured != "" && configured != issuer.Name {
		return err
	}
	opened, err := issuer.Open(string(folder))
	if err != nil {
		return err
	}
	keys, err := opened.KeySet()
	if err != nil {
		return err
	}
	declared, err := declaredBy(settings)
	if err != nil {
		return err
	}
	for _, setting := range [][2]string{
		{issuerKey, issuer.Name}, {audienceKey, issuer.Audience}, {tenantClaimKey, issuer.TenantClaim}, {defaultTenantKey, issuer.Tenant},
		{keysKey, keys},
	} {
		if declared(setting[0]) {
			fmt.Fprintf(stdout, "%s=%s\n", setting[0], setting[1])
		}
	}
	return nil
}

// projectFile is the file of a stack's project, which stands beside its settings.
const projectFile = "Pulumi.yaml"

// declaredBy returns whether the project beside a stack's settings declares a setting; without a project all are.
func declaredBy(settings string) (func(key string) bool, error) {
	all := func(string) bool { return true }
	if settings == "" {
		return all, nil
	}
	content, err := os.ReadFile(filepath.Join(filepath.Dir(settings), projectFile))
	if errors.Is(err, fs.ErrNotExist) {
		return all, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the stack's project: %w", err)
	}
	declared := map[string]bool{}
	for line := range strings.Lines(string(content)) {
		if name, is := strings.CutSuffix(strings.TrimSpace(line), ":"); is {
			declared[name] = true
		}
	}
	return func(key string) bool { return declared[key[strings.Index(key, ":")+1:]] }, nil
}

// issuerIn returns the issuer that a stack's settings name, empty if they name none or there are none.
func issuerIn(file string) (string, error) {
	if file == "" {
		return "", nil
	}
	opened, err := os.Open(file)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("reading the stack's settings: %w", err)
	}
	defer opened.Close()
	// Pulumi writes each setting on a line of its own, its name with the namespace before it.
	for lines := bufio.NewScanner(opened); ; {
		if !lines.Scan() {
			if err := lines.Err(); err != nil {
				return "", fmt.Errorf("reading the stack's settings %s: %w", file, err)
			}
			return "", nil
		}
		if value, found := strings.CutPrefix(strings.TrimSpace(lines.Text()), issuerKey+":"); found {
			return strings.Trim(strings.TrimSpace(value), `'"`), nil
		}
	}
}
