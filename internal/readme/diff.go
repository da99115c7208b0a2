package main

import (
	"slices"
	"strings"
)

// diff returns the lines of a and b in order, those of a alone with "-" before
// them, those of b alone with "+". It keeps a longest common subsequence.
func diff(nameA, nameB, textA, textB string) string {
	a, b := strings.Split(textA, "\n"), strings.Split(textB, "\n")

	// common[i][j] is the length of the subsequence of a[i:] and b[j:].
	common := make([][]int, len(a)+1)
	for i := range common {
		common[i] = make([]int, len(b)+1)
	}
	for i, lineA := range slices.Backward(a) {
		for j, lineB := range slices.Backward(b) {
			if lineA == lineB {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}

	var out strings.Builder
	out.WriteString("--- " + nameA + "\n+++ " + nameB + "\n")
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			out.WriteString("  " + a[i] + "\n")
			i, j = i+1, j+1
		case j == len(b) || i < len(a) && common[i+1][j] >= common[i][j+1]:
			out.WriteString("- " + a[i] + "\n")
			i++
		default:
			out.WriteString("+ " + b[j] + "\n")
			j++
		}
	}
	return out.String()
}
