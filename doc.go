// Package doc only documents the module github.com/promptlogs/qlogs, which reads
// the prompt logs that Amazon Q Developer and its successor Kiro write to Amazon
// S3. It has no code. The packages are
//
//   - [github.com/promptlogs/qlogs/qlogs], the reader: every record of a bucket, or
//     of a mirror of one, with one loop;
//   - [github.com/promptlogs/qlogs/qlogs/record], the records, typed, and the
//     decoder of one log file;
//   - [github.com/promptlogs/qlogs/qlogs/path], the keys of the objects: builds
//     and parses them, and plans which of them a listing has to visit;
//   - [github.com/promptlogs/qlogs/qlogs/source/open], a URI or a path into what to
//     read, with AWS's default configuration;
//   - [github.com/promptlogs/qlogs/qlogs/source], where objects lie: directories, file
//     systems, and what a store of your own has to do;
//   - [github.com/promptlogs/qlogs/qlogs/source/s3source], a bucket, with an S3 client
//     of your own;
//   - [github.com/promptlogs/qlogs/qlogs/source/sourcetest], for tests: a source in
//     memory with hooks, and a test of your own sources;
//   - [github.com/promptlogs/qlogs/qlogs/keep], files for cursors and for what could
//     not be read, and a filter of what comes again;
//   - [github.com/promptlogs/qlogs/qlogs/event], events of S3 into objects to read;
//   - [github.com/promptlogs/qlogs/qlogs/qlogstest] and its package s3test, for your
//     own tests: made-up logs, and an S3 server in the test's process.
//
// Only packages open and s3source depend on the AWS SDK. The program in
// examples/quickstart runs without an account:
//
//	go run ./examples/quickstart
package doc
