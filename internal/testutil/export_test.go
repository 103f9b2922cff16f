package testutil

// NoLeaksWithin is NoLeaks with a time of grace of one's own, so that a test of
// its failure need not wait.
var NoLeaksWithin = noLeaks

// ParseLength tells the length of a run by its name.
var ParseLength = parseLength
