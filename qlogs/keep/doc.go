// Package keep has what keeps a program going that reads for months.
//
//   - [CursorFile] keeps in a file how far a scan has come: a store for qlogs.Scan.SaveTo.
//   - A [Dedup] drops records that were finished before: what comes again after a crash,
//     and what the store has twice.
//   - A [DeadLetter] is what could not be read, put aside in a [DeadLetterStore], such as
//     [DeadLetterFile] makes, to be read again when the cause is gone.
package keep
