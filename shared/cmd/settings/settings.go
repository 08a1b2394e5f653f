// Command settings explains the settings of stacks: each key with its value in an environment, where that comes from, its default and its
// meaning. It reads the stacks' Pulumi.yaml and Pulumi.ENV.yaml in the repository's folder, where it runs, and needs neither Pulumi nor
// AWS. Values that are secrets are not shown.
//
//	settings -env ENV [STACK…]
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"gopkg.in/yaml.v3"

	"warmstandby/shared/settings"
)

func main() {
	environment := flag.String("env", "", "the environment")
	flag.Parse()
	if err := run(os.Stdout, ".", *environment, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "settings:", err)
		os.Exit(1)
	}
}

func run(out io.Writer, root, environment string, stacks []string) error {
	for _, stack := range stacks {
		if err := explain(out, root, environment, stack); err != nil {
			return fmt.Errorf("explaining the settings of %s: %w", stack, err)
		}
	}
	return nil
}

// explain prints the settings of one stack.
func explain(out io.Writer, root, environment, stack string) error {
	folder := filepath.Join(root, "stacks", stack)
	declarations, err := os.ReadFile(filepath.Join(folder, "Pulumi.yaml"))
	if err != nil {
		return err
	}
	project, err := settings.ReadProject(declarations)
	if err != nil {
		return err
	}
	values, err := readValues(filepath.Join(folder, "Pulumi."+environment+".yaml"), project.Name)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s (stacks/%s/Pulumi.%s.yaml)\n", project.Name, stack, environment)
	for _, key := range project.Keys {
		value, is := values[key.Name]
		delete(values, key.Name)
		switch {
		case is:
			value += "   (set; default " + shown(key.Default) + ")"
		default:
			value = shown(key.Default) + "   (the default)"
		}
		fmt.Fprintf(out, "\n  %s, %s: %s\n", key.Name, key.Type, value)
		for _, line := range wrapped(key.Description) {
			fmt.Fprintf(out, "      %s\n", line)
		}
	}
	for name := range values {
		fmt.Fprintf(out, "\n  %s: %s has no such key, and a preview refuses it\n", name, project.Name)
	}
	fmt.Fprintln(out)
	return nil
}

// shown is a default as a reader sees it.
func shown(value string) string {
	if value == "" {
		return "empty"
	}
	return value
}

// readValues returns the values of a settings file without the project's namespace; none of a file that does not exist. A value of
// several parts is one line of YAML.
func readValues(file, project string) (map[string]string, error) {
	content, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var document struct {
		Config map[string]yaml.Node `yaml:"config"`
	}
	if err := yaml.Unmarshal(content, &document); err != nil {
		return nil, fmt.Errorf("reading %s: %w", file, err)
	}
	values := map[string]string{}
	for name, node := range document.Config {
		key, is := strings.CutPrefix(name, project+":")
		if !is {
			continue
		}
		if node.Kind == yaml.ScalarNode {
			values[key] = shown(node.Value)
			continue
		}
		if len(node.Content) > 0 && node.Content[0].Value == "secure" {
			values[key] = "[secret]"
			continue
		}
		node.Style = yaml.FlowStyle
		text, err := yaml.Marshal(&node)
		if err != nil {
			return nil, fmt.Errorf("writing %s of %s: %w", key, file, err)
		}
		values[key] = strings.TrimSpace(string(text))
	}
	return values, nil
}

// width is that of a description's lines, which are indented on a terminal of 80 columns.
const width = 72

// wrapped breaks a text into lines.
func wrapped(text string) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && len(line)+1+len(word) > width {
			lines, line = append(lines, line), ""
		}
		line = strings.TrimSpace(line + " " + word)
	}
	return append(lines, line)
}
