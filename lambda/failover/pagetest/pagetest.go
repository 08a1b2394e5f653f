// Package pagetest is for tests of pages: the colours of a style sheet, and how well one is read on another.
package pagetest

import (
	"math"
	"regexp"
	"strconv"
)

// property is a custom property of CSS whose value is a colour of six hexadecimal digits.
var property = regexp.MustCompile(`--([a-z-]+): #([0-9a-f]{6})\b`)

// Colours returns the colours of a part of a style sheet, six hexadecimal digits each, by the names of their custom properties.
func Colours(part string) map[string]string {
	colours := map[string]string{}
	for _, found := range property.FindAllStringSubmatch(part, -1) {
		colours[found[1]] = found[2]
	}
	return colours
}

// Contrast returns the contrast ratio of two colours of six hexadecimal digits, from 1 to 21; not a number when one is none. WCAG 2.2,
// "contrast ratio" and "relative luminance".
func Contrast(a, b string) float64 {
	lighter, darker := luminance(a), luminance(b)
	if lighter < darker {
		lighter, darker = darker, lighter
	}
	return (lighter + 0.05) / (darker + 0.05)
}

// luminance returns a colour's relative luminance, from 0 to 1.
func luminance(colour string) float64 {
	total := 0.0
	for i, weight := range [...]float64{0.2126, 0.7152, 0.0722} {
		n, err := strconv.ParseUint(colour[2*i:2*i+2], 16, 8)
		if err != nil {
			return math.NaN()
		}
		channel := float64(n) / 255
		if channel <= 0.04045 {
			channel /= 12.92
		} else {
			channel = math.Pow((channel+0.055)/1.055, 2.4)
		}
		total += weight * channel
	}
	return total
}
