// Package path builds and parses the S3 keys of Amazon Q Developer and Kiro
// prompt logs, and plans which keys a listing has to visit.
//
// A log object lies at
//
//	[prefix/]AWSLogs/<account>/<product>/<log type>/<region>/<YYYY>/<MM>/<DD>/<HH>/<name>
//
// and, on real data, its name is
//
//	<account>_<log type>_<YYYYMMDDHHmm>_<16 letters and digits>.json.gz
//
// The account's administrator configures the prefix: none, one element or many, with
// any bytes in it. AWS's guide gives the name as zipFile.gz/logFile.json. That is
// accepted too, although no object of that name has been seen.
//
// All times in keys are UTC. The functions of this package do no I/O and are safe for
// use by many goroutines.
package path
