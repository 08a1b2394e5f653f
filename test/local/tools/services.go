package tools

import (
	"fmt"
	"os"
	"strings"
)

// readServices reads services.txt: one service package a line, # begins a comment.
func readServices(file string) ([]string, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("reading the list of services: %w", err)
	}
	var services []string
	for line := range strings.Lines(string(content)) {
		text, _, _ := strings.Cut(line, "#")
		services = append(services, strings.Fields(text)...)
	}
	if len(services) == 0 {
		return nil, fmt.Errorf("reading the list of services: %s names none", file)
	}
	return services, nil
}
