package settings

import (
	"fmt"
	"regexp"
	"strconv"
)

// refused is what a number is that was not read: a fault tells of it, and none
// of its relations to other numbers. It is less than any key admits.
const refused = -1

// longestDays is a hundred years, the longest time that AWS Backup keeps a
// recovery point (AWS Backup API, PutBackupVaultLockConfiguration,
// MaxRetentionDays). Other services take more, of which only a slip is made.
const longestDays = 36500

// orProfile ends a message about a key that may be left empty.
const orProfile = ", or empty for the profile's"

// span is the whole numbers that a key takes.
type span struct {
	low, high int
	unit      string // in the plural
}

// daysFrom is the span of a time that is bounded below only.
func daysFrom(low int) span { return span{low, longestDays, "days"} }

func (s span) String() string { return fmt.Sprintf("%d to %d %s", s.low, s.high, s.unit) }

// count returns a number with the span's unit.
func (s span) count(n int) string { return fmt.Sprintf("%d %s", n, s.unit) }

// number returns a whole number of the span.
func (r *reader) number(key string, within span) int {
	return r.numberOf(key, within, within.String())
}

// numberOr returns a whole number of the span, the profile's if the key is
// empty. Empty rather than 0, because 0 days or instances is something that
// people mean, and is to be refused.
func (r *reader) numberOr(key string, within span, profiles int) int {
	if r.text(key) == "" {
		return profiles
	}
	return r.numberOf(key, within, within.String()+orProfile)
}

func (r *reader) numberOf(key string, within span, allowed string) int {
	n, ok := r.integer(key, allowed)
	if !ok {
		return refused
	}
	if n < within.low || n > within.high {
		r.refuse(key, allowed, strconv.Itoa(n))
		return refused
	}
	return n
}

// capacityForm is that of a number of Aurora capacity units: half steps.
var capacityForm = regexp.MustCompile(`^[0-9]{1,3}(\.[05])?$`)

// capacityOr returns a number of Aurora capacity units from low to
// largestCapacity, the profile's if the key is empty.
func (r *reader) capacityOr(key string, low, profiles float64) float64 {
	text := r.text(key)
	if text == "" {
		return profiles
	}
	units, err := strconv.ParseFloat(text, 64)
	if err != nil || !capacityForm.MatchString(text) || units < low || units > largestCapacity {
		r.refuse(key, fmt.Sprintf("%s to %d ACU in steps of 0.5%s", acu(low), largestCapacity, orProfile), strconv.Quote(text))
		return refused
	}
	return units
}

// acu returns a number of capacity units as people write it.
func acu(units float64) string { return strconv.FormatFloat(units, 'f', -1, 64) }

// origin says, for a message, that a value is the profile's, if it is.
func (r *reader) origin(key string) string {
	if r.text(key) == "" {
		return " (the profile's)"
	}
	return ""
}
