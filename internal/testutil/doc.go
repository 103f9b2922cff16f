// Package testutil helps the tests of this module: S3 servers in process
// ([MemS3]) and real ([RealS3]), a check for goroutines that were left behind
// ([NoLeaks]), how long a run of the tests may take ([Pick]), and small things besides.
//
// Programs that are not tests use the packages below it, which do not import
// testing: s3mem, the server in process, and loggen, the generator of logs.
package testutil
