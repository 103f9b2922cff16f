// Package qlogs reads the prompt logs that Amazon Q Developer and its successor
// Kiro write to Amazon S3: every record of a bucket, in order and in bounded
// memory, with one loop.
//
// # Reading
//
// A [Client] reads one [Source]: a bucket (package [s3source]), a mirror of one on disk
// ([source.Dir]), any file system ([source.FS]) or a store of the program's own. A [Query] selects logs,
// and the [Scan] that it makes is ranged over:
//
//	client := qlogs.New(s3source.New(s3.NewFromConfig(cfg), "my-bucket", nil), nil)
//	scan := client.Scan(qlogs.Query{Prefix: "prompt-logs", From: from, To: to})
//	for e, err := range scan.Records(ctx) {
//		if err != nil {
//			return err
//		}
//		fmt.Println(e.Record.Time(), e.Record.UserID(), e.Record.LogType())
//	}
//
// What a record holds is told by its type, see package record; [Only] yields the
// records of one type. [Scan.Objects] tells which objects a scan would read, and
// how large they are, without reading any. [Scan.Stats] counts, at any time, what
// was listed, skipped, read and lost.
//
// A scan may be left at any point, by break, return, a panic or by cancelling the
// context. Nothing goes on after the loop, and there is nothing to close. The scan looks
// at the context at least once for each 256 KiB that it decompresses or decodes, so that
// it ends soon whatever object it is in.
//
// # What is read
//
// Log roots are searched for below the query's prefix: folders of the form
// AWSLogs/<account>/<product>/<log type>/<region>/, with the product
// QDeveloperLogs or KiroLogs. Every log type is read, those that this version
// does not know too. Objects named *.json.gz, *.json or *.gz are logs, and so is
// the zipFile.gz/logFile.json of AWS's guide. All others are skipped and counted,
// by reason: AWS's permission probes, CSV user reports, folder placeholders, empty
// objects, and what somebody else put there. Files whose names begin with "." are none
// either: systems and programs keep them beside copies of logs.
//
// Whether an object is compressed is told by its first bytes, not by its name or
// by a header: gzip of one or more members, or plain JSON. Zero bytes behind a member
// are padding, before another one and at the end. An object that holds no byte once it
// is decompressed counts as an empty one.
//
// The hour folders bound what is listed for a time range: one chain of listing
// requests for each partition (prefix, account, product, log type and Region),
// from the hour of [Query].From to that of [Query].To, with an hour more at either
// end ([Options].ListPad), since nothing promises that a record lies in the folder of
// its own hour. A partition of many keys is listed in up to 12 pieces of its time side
// by side, where the scan would have to wait for keys; that costs one request more for
// each piece, and pieces are meant to have 8,000 keys. What is yielded is decided by
// the record's own time.
//
// # Order and memory
//
// Records come in the bytewise order of their objects' keys, and within an object
// as they stand. So the records of one partition come in the order of their hour
// folders, one partition after the other. The order is the same for each scan of
// the same objects, from a bucket as from a directory.
//
// Objects are fetched, decompressed and decoded at the same time, up to
// [Options].InFlight requests, ahead of the loop. [Options].BytesInFlight bounds
// the bytes that are held for that: it is charged with what records take in memory, which
// can be many times their JSON. Objects listed at 8 MiB or more, and those that take
// more than 32 MiB, decompressed or as records, are not fetched ahead but streamed when
// their turn comes, record by record. A file of any size, up to
// [Options].MaxObjectBytes, is read in little memory that way. A budget of less than 32
// MiB takes the place of these 32 MiB, down to 1 MiB. The objects behind the one that
// the loop is at have half of the budget, or 1 MiB of it if that is more; one that takes
// more waits for its turn. With the defaults a process that scans takes about 200 MiB at
// the most, whatever the objects hold.
//
// Keys that are listed ahead of that are bounded in number: 10,000 for each piece of a
// partition that is being listed, and as many that are being passed on. With keys as
// AWS gives them that is 3 MB for each piece, and some 40 MB at the most.
//
// # Errors
//
// Each pair of the sequence has an [Entry] or an error.
//
//   - An [*ObjectError] concerns one object or, if its Index is not -1, one record.
//     A damaged record costs itself alone as long as its quotes and brackets
//     balance; else it costs the rest of its object. A field whose value is of an
//     unexpected type is no damage: the record is delivered, and [Entry.Drifted]
//     names the field. [Options].StrictFields makes it an error.
//   - A [*PartitionError] concerns one listing, which was denied for example, or one
//     folder that a listing could not look at.
//   - Any other error ends the scan and is the last pair. It may be the context's.
//
// After the first two the loop may continue: everything else is still delivered.
// A loop that continues after every error is right too, since it ends by itself,
// and so is one that returns the first. A listing that fails for the very prefix
// that was asked for, because there is no such bucket for example, ends the scan,
// unless that prefix is a partition or lies in one. So does, with [ErrPendingFull],
// the 1,001st object that failed for a reason that may pass: more than that is no
// damage but a store, or a permission, that does not work.
//
// The errors name classes for [errors.Is]: [ErrArchived], [ErrChanged],
// [ErrInconsistent], [ErrStalled], [ErrTooLarge], [ErrCorruptGzip], [ErrCorruptJSON], [ErrNotLog],
// those of package record, fs.ErrNotExist and fs.ErrPermission. What the SDK said
// is found by [errors.As]. Retries of requests are the SDK's, by the options of
// its client. A body that breaks off is continued where it broke, pinned to the
// same object, up to [Options].MaxResumes times; one that stalls is [ErrStalled]. An
// object that was replaced is read again as it now is, once, as long as nothing of
// it was yielded; else, and then, it is [ErrChanged], or [ErrInconsistent] if it is
// listed as before. A listing whose answer breaks off, or is none, such as a proxy's page
// in HTML, is asked for again, three times in all, and then is an error. One that does not
// end is an error: if a continuation token comes again with no key between, if 10,000 pages
// in a row are empty, or if an answer is longer than 32 MiB. Errors of S3 that the owner of a program has to act on say
// how: credentials that have expired, a permission on the bucket or on a KMS key that is
// missing, a client that is set to another Region than the bucket's.
//
// A panic of the program's own code comes to the goroutine that ranges over the scan, also
// if it happened on one of the scan's: in a [Source], the HTTP client of an s3.Client, or
// a [CursorStore]. Then the value of the panic is an error. Its text has the original value
// and the stack of the goroutine that panicked, and its Unwrap returns the value if that
// is an error. By then all goroutines of the scan have ended, and bodies are closed. A
// goroutine that such code started itself is out of reach.
//
// # Integrity
//
// An object that is read whole has its gzip checksums verified before its first
// record is yielded: a mismatch costs one error and yields nothing. An object that
// is cut off yields the records that are complete, then one error. One whose first
// members are good yields the records of these, then one error for the damage, or for the
// bytes that are not gzip, behind them. Entries of a
// streamed object, and those of a cut one, have Tentative set: they come before
// their checksum. Objects are pinned, by ETag, to what was listed, so that no record
// is made of the halves of two.
//
// # Resuming
//
// [Scan.Cursor] is where a scan stands. Its text form goes into a file or a
// database, and as [Query].After it makes a later scan go on, in another process
// too. An entry is finished when the loop asks for the next pair, so delivery is
// at least once: what was not finished comes again, and nothing is left out.
// Programs that write in batches take [Entry.Cursor] of the last entry of each
// batch, and store it together with the batch: then nothing comes twice either.
// [Scan.SaveTo] has the scan save its cursor to a [CursorStore] every so often. Package keep
// has a file as a store, and a Dedup, which is seeded from a program's own output and drops
// what comes again.
//
// Objects that arrive late, with keys that sort before others that are finished,
// are delivered by the next scan, once, as long as their hour folder is no more than
// [Options].Lookback before the one of the newest object that their partition has
// finished. What a cursor holds for that is 20 bytes for each object in these hours, 27 in
// its text form, and does not grow with history. Older ones are not looked for. A key dated later
// than the clock does not count as the newest.
//
// Within the same hours a scan also sees objects that come again under another ETag, such
// as a file of a mirror that was half written when it was read. It reads an object again
// if its size has changed, or if it had ended cut off, damaged or failed, and delivers all of
// its records again. A good object of the same size is not read again, since copies and
// re-encryption change ETags: [Stats].Rewritten counts it. Nor is one with the same ETag and size.
//
// Objects that failed for a reason that may pass (the network, throttling, a
// denial, a stall, a change) stay in the cursor, up to 1,000 of them, and are
// tried first when a scan goes on, up to [Options].MaxAttempts times if that is set.
// Objects that are damaged, gone, archived or too large are finished with, unless they
// come under another ETag. Their
// [ObjectError] tells which of both it is, in Retryable, and makes a keep.DeadLetter for
// whoever wants to come back to them with [Client.Read].
//
// A cursor belongs to the source, prefix, accounts, Regions, products and types of
// its query, and any other refuses it. From, To and options may differ: a job that
// reads a day at a time goes on with the next day. A cursor does not pass a record
// from To on, so that it waits for a scan with a later To. It does pass what it read
// for nothing but records before From, and an earlier From does not bring that back. A
// job that goes on with a cursor best gives the same From each time: one that moves on
// leaves out what arrives late from before it, and without one a scan reads all that
// the cursor does not name, such as the history of a partition that had nothing new.
//
// # Following
//
// [Scan.Follow] yields what Records yields and then goes on with what arrives, for
// as long as the context lives, by listing the newest keys of each partition every
// [Options].PollInterval. All that is said of records, errors and cursors holds for
// it too.
//
// Who has the events of S3 instead, by way of SQS for example, decodes them with
// package event and reads the objects that they name with [Client.Read].
//
// # Privacy
//
// The logs hold what people typed, what stood in their editors, and with that
// source code and secrets. This package shows none of it: no error, log value,
// metric or panic has a byte of a record's text, and an [Entry] that is printed or
// logged shows ids, times and sizes. Keys, account ids, user ids and file sizes do
// appear.
//
// An id is shown only if it looks like one, since a damaged log may have a text in its
// place: elsewhere its size stands, or in an [Identity] its digest.
//
// What a program takes out of a record is its own matter, and so are encoders that write a
// record whole: encoding/json, encoding/gob, encoding/xml and others that walk through
// values; package record lists them. An entry is written by encoding/json as it is logged,
// but by the others whole. A slog.JSONHandler calls encoding/json for slices, maps and
// structs: log a record as it is, or its entry, not within one of these. Package fmt shows
// what lies in an unexported field of another type without asking it.
//
// # Permissions
//
// A reader needs s3:ListBucket on the bucket, s3:GetObject on its objects and, if
// they are encrypted with a KMS key, kms:Decrypt on that key. No listing asks for
// less than the query's prefix with a final "/", so a condition on s3:prefix may
// hold the reader to that. The README has the policy.
//
// # HTTP client
//
// Package [github.com/promptlogs/qlogs/qlogs/source/open] makes an S3 client with an HTTP
// client that is fit for a scan. If you make your own, mind this:
//
// The SDK's own HTTP client keeps 10 idle connections per host, fewer than a scan
// uses at the same time, so that a scan closes and opens connections all along.
// Give the s3.Client one that keeps as many as [Options].InFlight, and twelve more
// for listing:
//
//	httpClient := awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
//		t.MaxIdleConnsPerHost = 100
//	})
//	cfg, err := config.LoadDefaultConfig(ctx, config.WithHTTPClient(httpClient))
//
// An http.Client with a Timeout is not fit for this: it would end bodies that are
// read slowly because the loop is busy. [Options].StallTimeout counts only the
// time that a scan waits for the store.
package qlogs
