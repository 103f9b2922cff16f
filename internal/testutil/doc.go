// Package testutil has what only the tests of this module need: an S3 server in process
// that fails ([MemS3]) and a real one ([RealS3]), a check for goroutines that were left
// behind ([NoLeaks]), how long a run of the tests may take ([Pick]), and small things
// besides. What users' tests need too is in packages qlogstest, qlogstest/s3test and
// sourcetest.
package testutil
