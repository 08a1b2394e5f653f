package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"gopkg.in/yaml.v3"

	"warmstandby/shared/settings"
)

// request is what doctor is asked.
type request struct {
	environment, root, backend, secrets, only string
	emulated, passphrase                      bool
}

// configuration are the settings of an environment, those of every stack.
type configuration struct {
	foundation settings.Foundation
	data       settings.Data
	east, west settings.Application
	edge       settings.Edge
	faults     []finding
}

// readConfiguration reads the settings as the stacks would, all faults at once.
func (r request) readConfiguration() (configuration, error) {
	var c configuration
	parse := func(stack string, into func(settings.Project, map[string]string) error) error {
		project, values, err := r.values(stack)
		if err != nil {
			return fmt.Errorf("reading the settings of %s: %w", stack, err)
		}
		var faults *settings.Faults
		if err := into(project, values); errors.As(err, &faults) {
			for _, f := range faults.List {
				c.faults = append(c.faults, finding{
					level: mend, check: "setting " + f.Key, found: fmt.Sprintf("%s: allowed %s; got %s", stack, f.Allowed, f.Got),
					do: fmt.Sprintf("make set ENV=%s STACK=%s KEY=%s VALUE=...", r.environment, stack, f.Key),
				})
			}
		} else if err != nil {
			return err
		}
		return nil
	}
	var err error
	return c, errors.Join(
		parse("foundation-network", func(p settings.Project, values map[string]string) error {
			c.foundation, err = settings.ParseFoundation(p, r.environment, values)
			return err
		}),
		parse("data-global", func(p settings.Project, values map[string]string) error {
			c.data, err = settings.ParseData(p, r.environment, c.foundation.Profile, values)
			return err
		}),
		parse("region-app-east", func(p settings.Project, values map[string]string) error {
			c.east, err = settings.ParseApplication(p, r.environment, c.upstream(c.foundation.Primary.Region), values)
			return err
		}),
		parse("region-app-west", func(p settings.Project, values map[string]string) error {
			c.west, err = settings.ParseApplication(p, r.environment, c.upstream(c.foundation.Standby.Region), values)
			return err
		}),
		parse("global-edge", func(p settings.Project, values map[string]string) error {
			c.edge, err = settings.ParseEdge(p, r.environment, settings.EdgeUpstreamConstraints{
				Profile: c.foundation.Profile, Suffix: c.foundation.Suffix, HTTPS: c.east.CertificateARN != "" || c.west.CertificateARN != "",
			}, values)
			return err
		}),
	)
}

func (c configuration) upstream(region string) settings.UpstreamConstraints {
	return settings.UpstreamConstraints{Profile: c.foundation.Profile, Region: region, ListenerPort: c.foundation.ListenerPort}
}

// values returns a stack's configuration as the engine would pass it: defaults are the project's own.
func (r request) values(stack string) (settings.Project, map[string]string, error) {
	folder := filepath.Join(r.root, "stacks", stack)
	declarations, err := os.ReadFile(filepath.Join(folder, "Pulumi.yaml"))
	if err != nil {
		return settings.Project{}, nil, err
	}
	project, err := settings.ReadProject(declarations)
	if err != nil {
		return project, nil, err
	}
	var document struct {
		Config map[string]any `yaml:"config"`
	}
	content, err := os.ReadFile(filepath.Join(folder, "Pulumi."+r.environment+".yaml"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return project, nil, err
	}
	if err := yaml.Unmarshal(content, &document); err != nil {
		return project, nil, err
	}
	values := map[string]string{}
	for name, value := range document.Config {
		text, is := value.(string)
		if !is {
			encoded, err := json.Marshal(value)
			if err != nil {
				return project, nil, fmt.Errorf("%s: %w", name, err)
			}
			text = string(encoded)
		}
		values[name] = text
	}
	return project, values, nil
}

// provider returns what encrypts the secrets in a stack's state, by its settings file; empty for none.
func (r request) provider() (string, error) {
	var document struct {
		Provider string `yaml:"secretsprovider"`
		Salt     string `yaml:"encryptionsalt"`
	}
	content, err := os.ReadFile(filepath.Join(r.root, "stacks", "foundation-network", "Pulumi."+r.environment+".yaml"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	if err := yaml.Unmarshal(content, &document); err != nil {
		return "", err
	}
	switch {
	case document.Provider != "":
		return document.Provider, nil
	case document.Salt != "":
		return "passphrase", nil
	}
	return r.secrets, nil
}
