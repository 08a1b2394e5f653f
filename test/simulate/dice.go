package simulate

import "time"

// mix scrambles a number: the output function of SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number
// generators", 2014).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// draw returns the number that belongs to a seed and to what it is drawn for. It depends on nothing that was drawn before, so
// what happens does not depend on the order in which goroutines of one instant run.
func draw(seed uint64, of ...uint64) dice {
	for _, part := range of {
		seed = mix(seed ^ part*0xd6e8feb86659fd93)
	}
	return dice{seed}
}

// dice is a sequence of random numbers.
type dice struct{ state uint64 }

func (d *dice) next() uint64 {
	d.state = mix(d.state)
	return d.state
}

// float returns a number from 0 to 1.
func (d *dice) float() float64 { return float64(d.next()>>11) / (1 << 53) }

// chance is true with a probability.
func (d *dice) chance(p float64) bool { return d.float() < p }

// half is true every other time.
func (d dice) half() bool { return d.next()&1 == 0 }

// between returns a duration from low to high.
func (d *dice) between(low, high time.Duration) time.Duration {
	if high <= low {
		return low
	}
	return low + time.Duration(d.next()%uint64(high-low))
}

// intN returns a number from 0 to n-1.
func (d *dice) intN(n int) int { return int(d.next() % uint64(n)) }
