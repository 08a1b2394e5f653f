// Package makecommand writes make's commands as a person types them to reach the same environment.
package makecommand

import (
	"os"
	"strings"
)

// repeated is the environment variable by which make says which of its variables a command repeats, quoted for a shell. It is
// empty, or not set, where all have their defaults.
const repeated = "WARMSTANDBY_MAKE"

// For returns the command for a goal of make, with further variables, as NAME=value.
func For(goal string, more ...string) string {
	words := []string{"make", goal}
	if variables := os.Getenv(repeated); variables != "" {
		words = append(words, variables)
	}
	return strings.Join(append(words, more...), " ")
}

// plain are the characters that no shell reads anything into.
const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-"

// Quote writes a word so that a shell reads it back as it is, and leaves plain ones alone.
func Quote(word string) string {
	if strings.Trim(word, plain) == "" {
		return word
	}
	return SingleQuote(word)
}

// SingleQuote writes a word in single quotes, in which nothing has a meaning but the single quote (POSIX.1-2017, Shell Command
// Language, 2.2.2).
func SingleQuote(word string) string { return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'" }
