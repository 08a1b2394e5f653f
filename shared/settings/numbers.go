package settings

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
)

// invalid marks a number that failed to parse or is out of its range; the fault is recorded already, so checks that relate it to
// other numbers are skipped. It is less than every key's range.
const invalid = -1

// longestDays is a hundred years, the longest time that AWS Backup keeps a recovery point (AWS Backup API,
// PutBackupVaultLockConfiguration, MaxRetentionDays). Other services accept more, which nobody sets on purpose.
const longestDays = 36500

// intRange is the integers that a key accepts.
type intRange struct {
	low, high int
	unit      string // in the plural
}

// daysFrom is the range of a duration in days that has a lower bound only.
func daysFrom(low int) intRange { return intRange{low, longestDays, "days"} }

func (i intRange) String() string { return fmt.Sprintf("%d to %d %s", i.low, i.high, i.unit) }

// contains reports whether the number is in the range.
func (i intRange) contains(n int) bool { return i.low <= n && n <= i.high }

// integer returns an integer of the range, or [invalid].
func (r *reader) integer(key string, within intRange) int {
	if _, ok := r.declared(key, Integer); !ok {
		return invalid
	}
	return r.parseInt(key, r.values[key], within.String(), within.contains)
}

// integerOr returns an integer of the range, the profile's default if the key is not set, or [invalid].
func (r *reader) integerOr(key string, within intRange, fromProfile int) int {
	value, set := r.override(key)
	if !set {
		return fromProfile
	}
	return r.parseInt(key, value, within.String()+orProfile, within.contains)
}

// retentionDays are the retention periods that CloudWatch Logs offers, in days (CloudWatch Logs API, PutRetentionPolicy,
// retentionInDays).
var retentionDays = [...]int{
	1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
}

// logRetentionOr returns the retention of a log group in days, the profile's default if the key is not set, or [invalid].
func (r *reader) logRetentionOr(key string, fromProfile int) int {
	value, set := r.override(key)
	if !set {
		return fromProfile
	}
	return r.parseInt(key, value, orList(retentionDays[:])+orProfile, func(n int) bool { return slices.Contains(retentionDays[:], n) })
}

// parseInt returns a valid integer, or [invalid] and adds the fault.
func (r *reader) parseInt(key, value, allowed string, valid func(int) bool) int {
	n, err := strconv.Atoi(value)
	switch {
	case err != nil:
		r.refuse(key, allowed, strconv.Quote(value))
	case !valid(n):
		r.refuse(key, allowed, strconv.Itoa(n)+formerMeaning(key, n))
	default:
		return n
	}
	return invalid
}

// formerMeaning returns, for a message, what 0 meant in two keys of foundation-network that were declared as integers until
// decision 26. `pulumi config refresh` writes every default into a stack's file, so an environment may still have it there.
func formerMeaning(key string, n int) string {
	if n == 0 && (key == keyListenerPort || key == keyFlowLogRetentionDays) {
		return ", which meant the profile's default in earlier versions: run `pulumi config rm " + key + "`"
	}
	return ""
}

// capacityForm is that of a number of Aurora capacity units: half steps.
var capacityForm = regexp.MustCompile(`^[0-9]{1,3}(\.[05])?$`)

// capacityOr returns a number of Aurora capacity units from low to largestCapacity, the profile's default if the key is not set, or
// [invalid].
func (r *reader) capacityOr(key string, low, fromProfile float64) float64 {
	value, set := r.override(key)
	if !set {
		return fromProfile
	}
	units, err := strconv.ParseFloat(value, 64)
	if err != nil || !capacityForm.MatchString(value) || units < low || units > largestCapacity {
		r.refuse(key, fmt.Sprintf("%s to %d ACU in steps of 0.5%s", formatACU(low), largestCapacity, orProfile), strconv.Quote(value))
		return invalid
	}
	return units
}

// formatACU returns a number of capacity units without trailing zeros.
func formatACU(units float64) string { return strconv.FormatFloat(units, 'f', -1, 64) }
