// Package doc only documents the module github.com/promptlogs/qlogs, which reads
// the prompt logs that Amazon Q Developer and its successor Kiro write to Amazon
// S3. It has no code. The packages are
//
//   - [github.com/promptlogs/qlogs/qlogs], the reader: reads every record of a
//     source with one loop;
//   - [github.com/promptlogs/qlogs/qlogs/record], the typed records, and the
//     decoder of one log file;
//   - [github.com/promptlogs/qlogs/qlogs/source], where the objects lie:
//     directories, file systems, and the contract of a source;
//   - [github.com/promptlogs/qlogs/qlogs/source/s3source], a bucket as a source;
//   - [github.com/promptlogs/qlogs/qlogs/source/open], a URI or a path into a
//     source, with AWS's default configuration;
//   - [github.com/promptlogs/qlogs/qlogs/source/sourcetest], for tests of your own
//     source, and a source in memory;
//   - [github.com/promptlogs/qlogs/qlogs/keep], what a program needs that reads for
//     months: a cursor file, dead letters, dropping duplicates;
//   - [github.com/promptlogs/qlogs/qlogs/keep/s3keep], a cursor in a bucket, for
//     programs without a disk;
//   - [github.com/promptlogs/qlogs/qlogs/event], events of S3 into objects to read;
//   - [github.com/promptlogs/qlogs/qlogs/path], the keys of the objects: builds
//     and parses them, and plans which of them a listing has to visit;
//   - [github.com/promptlogs/qlogs/qlogs/qlogstest] and its package s3test, for your
//     own tests: made-up logs, and an S3 server in the test's process.
//
// Only s3source, open, s3keep and s3test depend on the AWS SDK. The program in
// examples/quickstart runs without an account:
//
//	go run ./examples/quickstart
package doc
