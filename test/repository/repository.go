// Package repository tests the files around the code: that workflows run what everybody runs and nothing that can be changed
// under them, and that README and CONTRIBUTING name only what there is. It exports nothing.
package repository
