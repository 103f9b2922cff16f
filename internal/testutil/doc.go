// Package testutil has what only the tests of this module need: a check for goroutines that
// were left behind ([NoLeaks]), how long a run of the tests may take ([Pick]), and small things
// besides. It links nothing of the AWS SDK, since most tests use it; stores are in package
// testutil/stores. What users' tests need too is in packages qlogstest, qlogstest/s3test and
// sourcetest.
package testutil
