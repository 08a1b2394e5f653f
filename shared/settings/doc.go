// Package settings turns a stack's configuration into typed, validated values.
//
// A key's name, type, default and description are declared in the stack's Pulumi.yaml and nowhere else (decision 26). Each stack
// embeds that file and passes it to its Load function. The engine checks types and applies defaults before the program runs; this
// package checks what the engine cannot: ranges, relations between keys, and unknown keys, so that a misspelt key is not silently
// replaced by a default. It also checks that the program reads exactly the declared keys, each as the declared type.
//
// All faults are collected and returned together as [*Faults].
package settings
