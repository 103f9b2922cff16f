// Package qlogstest makes prompt logs for the tests of programs that read them. All of its
// text, names and ids are invented.
//
// [Generate] makes the objects of a bucket of any size, much as Amazon Q Developer and Kiro
// write them. Each object says what a reader has to report of it, and [Totals] adds that up:
//
//	var want qlogstest.Totals
//	for o := range qlogstest.Generate(qlogstest.Config{Objects: 500, DamageEvery: 50, OddEvery: 10}) {
//		store.Put(o.Key, o.Body)
//		want.Add(o)
//	}
//
// [Chat], [Completion], [Task] and [Unknown] are single records made by hand. Each of their
// keys can be absent, null, empty or of another JSON type. [File] makes a log file of them,
// and [Key] a key to put it under:
//
//	body := qlogstest.File(
//		qlogstest.Chat{UserID: "d-1234567890.ana", Prompt: "why?"},
//		qlogstest.Chat{UserID: "d-1234567890.ben", Prompt: qlogstest.Null},
//	)
//
// Store the objects where the program reads them: in memory with package sourcetest, in a
// directory with [WriteFile], or on an S3 server in the test's process with package
// qlogstest/s3test. Only s3test links the AWS SDK.
//
// All functions are safe for concurrent use.
//
// The records are encoded without any code of package record, so that they are a test of
// that package too.
package qlogstest
