package testutil

// NoLeaksWithin is NoLeaks with a time of grace of one's own, so that a test of
// its failure need not wait.
var NoLeaksWithin = noLeaks
