// Package shell writes words and commands as a person types them in a POSIX shell.
package shell

import (
	"slices"
	"strings"
)

// MakeVariable is the environment variable by which make says which of its variables a further command repeats to reach the same
// environment, quoted for a shell: "ENV=prod STATE='…' PORT=…", without those that have make's own defaults. It is not set where a
// program runs without make.
const MakeVariable = "WARMSTANDBY_MAKE"

// plain are the characters that no shell reads anything into, wherever they stand in a word.
const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:@%+,="

// Quote writes a word so that a shell reads it back as it is: unchanged where that is safe, else in single quotes, in which
// nothing but the single quote has a meaning (POSIX.1-2017, Shell Command Language, 2.2.2).
func Quote(word string) string {
	if word != "" && !slices.ContainsFunc([]rune(word), func(r rune) bool { return !strings.ContainsRune(plain, r) }) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
