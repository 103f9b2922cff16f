// Package loggen makes up prompt-log objects as Amazon Q Developer and Kiro
// would write them: keys, fields, sizes, times and text follow what is known
// of real buckets, while every name, id and line of text is invented.
//
// [Objects] makes a bucket, object by object, with the list of records that a
// reader must deliver and the errors that it must report. [Big] writes one
// large file. The same configuration always makes the same objects.
//
// The package encodes with encoding/json and shares no code with the packages
// that it tests, except for the names of keys.
package loggen
