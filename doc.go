// Package doc only documents the module github.com/promptlogs/qlogs, which reads
// the prompt logs that Amazon Q Developer and its successor Kiro write to Amazon
// S3. It has no code. The packages are
//
//   - [github.com/promptlogs/qlogs/qlogs], the client: reads every record of a
//     bucket, or of a mirror of one, with one loop;
//   - [github.com/promptlogs/qlogs/qlogs/record], the records, typed, and the
//     decoder of one log file;
//   - [github.com/promptlogs/qlogs/qlogs/path], the keys of the objects: builds
//     and parses them, and plans which of them a listing has to visit;
//   - [github.com/promptlogs/qlogs/qlogs/qlogstest] and its package s3test, for your
//     own tests: made-up logs, and an S3 server in the test's process.
//
// Packages path and record stand alone and do not depend on the AWS SDK. The
// program in examples/quickstart runs without an account:
//
//	go run ./examples/quickstart
package doc
