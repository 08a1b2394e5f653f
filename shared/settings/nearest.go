package settings

// nearest returns the candidate that is the fewest edits away from the word,
// and whether it is near enough to be what was meant: at most a third of the
// longer of the two differs. The first of several equally near ones wins.
func nearest(word string, candidates []string) (string, bool) {
	best, fewest := "", 0
	for _, candidate := range candidates {
		edits := distance(word, candidate)
		if 3*edits <= max(len(word), len(candidate)) && (best == "" || edits < fewest) {
			best, fewest = candidate, edits
		}
	}
	return best, best != ""
}

// distance returns the Levenshtein distance of two words in bytes: how many
// insertions, deletions and replacements lead from one to the other.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
