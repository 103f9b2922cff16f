// Package keep has what a program needs that reads for months.
//
//   - [CursorFile] keeps a scan's cursor in a file, for qlogs.Scan.SaveTo. Package
//     s3keep keeps it in a bucket.
//   - A [Dedup] drops records that were finished before: those that come again after a
//     crash, and those that the store has twice.
//   - A [DeadLetter] stands for an object or a record that could not be read. A
//     [DeadLetterStore], such as [DeadLetterFile], keeps letters until the cause is gone.
package keep
