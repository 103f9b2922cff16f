// Package qlogs reads the prompt logs that Amazon Q Developer and its successor
// Kiro write to Amazon S3: every record of a bucket, in order and in bounded
// memory, with one loop.
//
// # Reading
//
// A [Client] reads one [Source]. Package [github.com/promptlogs/qlogs/qlogs/source/open]
// makes a source of a URI or a path: a bucket, a directory or a zip file. Package source
// reads directories ([source.Dir]) and file systems ([source.FS]) without the AWS SDK,
// package s3source reads a bucket with your own s3.Client, and a program may bring a
// source of its own. A [Query] selects logs. The [Scan] of a query is ranged over:
//
//	src, prefix, err := open.URI(ctx, "s3://my-bucket/prompt-logs", nil)
//	if err != nil {
//		return err
//	}
//	scan := qlogs.New(src, nil).Scan(qlogs.Query{Prefix: prefix, From: from, To: to})
//	for e, err := range scan.Records(ctx) {
//		if qlogs.EndsScan(err) {
//			return err
//		}
//		if err != nil {
//			log.Print(err) // one record, object or listing is lost; the rest still comes
//			continue
//		}
//		fmt.Println(e.Time(), e.Record.UserID(), e.Record.LogType())
//	}
//
// The type of a record says what it holds; see package record. [Only] yields the records
// of one type. [Scan.Objects] yields the objects that a scan would read, with their sizes,
// and reads none of them. [Scan.Stats] returns counters at any time: what was listed,
// skipped, read and lost, how many requests that took, and how long the loop has waited.
// [Client.ScanOf] and [Client.Read] read objects that the program names, without a listing.
//
// A loop may end at any point: by break, return, a panic or a cancelled context. Nothing
// runs on after the loop, and there is nothing to close. The scan checks the context at
// least once for each 256 KiB that it decompresses or decodes, so a cancelled scan ends
// soon, in the middle of an object too.
//
// # What is read
//
// A scan searches for log roots below the query's prefix: folders of the form
// AWSLogs/<account>/<product>/<log type>/<region>/, where the product is QDeveloperLogs or
// KiroLogs. It reads every log type, also those that this version does not know. Objects
// named *.json.gz, *.json or *.gz are logs, and so is the zipFile.gz/logFile.json of AWS's
// guide. Files whose names begin with "." are not logs: systems and programs keep them
// beside copies of logs.
//
// A scan skips all other objects and counts them by reason: AWS's permission probes, folder
// placeholders, empty objects, and foreign ones. It counts only what it lists. It does not
// list the folders of the CSV user reports, nor those of other services such as CloudTrail,
// so the objects in these are not counted.
//
// The first bytes of an object say whether it is compressed, not its name or a header: gzip
// of one or more members, or plain JSON. Zero bytes behind a member are padding, before
// another member and at the end. An object that holds no byte after decompression counts as
// empty.
//
// A time range bounds what is listed. For each partition (prefix, account, product, log type
// and Region) a scan lists the hour folders from the hour of [Query].From to the hour of
// [Query].To. It lists one hour more at either end ([Options].ListPad), because a record may
// lie in the folder of another hour. The record's own time decides whether it is yielded. A
// partition is listed by one chain of requests, each of which needs the answer to the one
// before. A scan that has to wait for keys lists the folders and partitions that it will come
// to, and a large partition in pieces, side by side: [Options].Lists requests at the same
// time. Each piece is meant to have 8,000 keys and costs one more request.
//
// # Order and memory
//
// Records come in the bytewise order of their objects' keys, and within an object in the
// order of the file. So partitions come one after the other, and the records of a partition
// in the order of its hour folders. The order is the same for each scan of the same objects,
// from a bucket and from a directory.
//
// A scan fetches, decompresses and decodes objects ahead of the loop, with up to
// [Options].InFlight requests at the same time. [Options].BytesInFlight bounds the bytes
// that are held for that. Records are charged with the memory that they take, which can be
// many times their JSON. Objects listed with 8 MiB or more, and objects that take more than
// 32 MiB, decompressed or as records, are not fetched ahead. They are streamed in their turn,
// record by record, so a file of any size, up to [Options].MaxObjectBytes, takes little
// memory. A budget of less than 32 MiB takes the place of these bounds, down to 1 MiB. The
// objects behind the one that the loop is at share half of the budget, or 1 MiB of it if that
// is more. An object that takes more waits for its turn. With the defaults, a process that
// scans takes about 200 MiB at most, whatever the objects hold.
//
// The number of keys that are listed ahead is bounded: 10,000 for each piece of a partition
// that is being listed, and as many that are being passed on. With AWS's keys that is 3 MB
// for each piece, and some 40 MB at most.
//
// # Errors
//
// Each pair of the sequence has an [Entry] or an error.
//
//   - An [*ObjectError] concerns one object or, if its Index is not -1, one record.
//     A damaged record costs only itself as long as its quotes and brackets
//     balance; otherwise it costs the rest of its object. A field whose value has an
//     unexpected type is no damage: the record is delivered, and [Entry.Drifted]
//     names the field. [Options].StrictFields makes such a field an error.
//   - A [*PartitionError] concerns one listing, such as one that was denied, one
//     folder that a listing could not look at, or a prefix without logs.
//   - Any other error, such as the context's, ends the scan and is the last pair.
//
// After the first two the loop may continue: everything else is still delivered. [EndsScan]
// reports whether an error is the last pair, and [ClassOf] returns its class as a word. A
// loop that continues after every error is right too, since the sequence ends by itself, and
// so is a loop that returns the first error.
//
// If no folder of logs lies below the prefix, or none that the query selects, the scan yields
// a [*PartitionError] that wraps [ErrNoLogs] and names what lies there instead, unless
// [Query].MayBeEmpty is set. If the listing of the query's own prefix fails, for example
// because there is no such bucket, the scan ends, unless that prefix is a partition or lies in
// one. One cause stops nothing else: an account that is denied, however many objects it has,
// costs its own objects, and all others are delivered.
//
// The errors name classes for [errors.Is]: [ErrArchived], [ErrChanged], [ErrInconsistent],
// [ErrStalled], [ErrTooLarge], [ErrCorruptGzip], [ErrCorruptJSON], [ErrNotLog], [ErrNoLogs],
// those of package record, fs.ErrNotExist and fs.ErrPermission. [errors.As] finds the errors
// of the SDK. If you have to act on an error of S3, the error says how: credentials that have
// expired, a missing permission on the bucket or on a KMS key, a client for another Region
// than the bucket's.
//
// The SDK retries requests, by the options of its client. The scan does the rest:
//
//   - A body that breaks off is continued where it broke, pinned to the same object, up to
//     [Options].MaxResumes times. A body that stalls is [ErrStalled].
//   - An object that was replaced is read once more, as it is now, if none of its records was
//     yielded. Otherwise, or if that fails too, it is [ErrChanged], or [ErrInconsistent] if a
//     second listing still shows the first object.
//   - A listing whose answer breaks off, or is no listing, such as a proxy's page in HTML, is
//     requested three times in all and then is an error. So that every listing ends, it is an
//     error if a continuation token comes again without a key between, if 10,000 pages in a
//     row are empty, or if an answer is longer than 32 MiB.
//
// A panic in your own code reaches the goroutine that ranges over the scan, also if a
// goroutine of the scan called that code: a [Source], the HTTP client of an s3.Client, or a
// [CursorStore]. In that case the panic's value is an error. Its text has the original value
// and the stack of the goroutine that panicked, and its Unwrap returns the original value if
// that is an error. All goroutines of the scan have ended by then, and bodies are closed. The
// scan cannot catch panics of goroutines that your code started.
//
// # Integrity
//
// If an object is read whole, its gzip checksums are verified before its first record is
// yielded: a mismatch is one error, and no record. If an object is cut off, its complete
// records are yielded, then one error. If the first members are good, their records are
// yielded, then one error for the damage, or for the bytes that are not gzip, behind them.
// Entries of streamed objects and of objects that are cut off have Tentative set: they come
// before their checksum. Objects are pinned, by ETag, to what was listed, so no record is
// made of the halves of two objects.
//
// # Resuming
//
// [Scan.Cursor] is where a scan stands. A program stores the cursor's text form in a file or
// a database. With that cursor as [Query].After a later scan goes on, in another process too.
// An entry is finished when the loop asks for the next pair, so delivery is at least once:
// what was not finished comes again, and nothing is left out. Programs that write in batches
// take [Entry.Cursor] of the last entry of a batch and store it together with the batch: then
// nothing comes twice either. [Scan.SaveTo] makes the scan save its cursor to a [CursorStore]
// every so often. Package keep has a store in a file, and a Dedup, which is seeded from a
// program's own output and drops records that come again.
//
// Objects may arrive late, with keys that sort before finished ones. The next scan delivers
// them, once, if their hour folder is at most [Options].Lookback before that of the newest
// object that their partition has finished. Older ones are not looked for. A key dated later
// than the clock does not count as the newest. For each object in these hours a cursor holds
// 20 bytes, 27 in its text form; [Cursor] has the sizes of its other parts. A cursor does not
// grow with history, unless more objects of a partition than it has room for fail without end,
// or have records that are dated far beyond To.
//
// In the same hours a scan notices objects that come again under another ETag, such as a file
// of a mirror that was half written when it was read. It reads an object again if its size
// has changed, or if it had ended cut off, damaged or failed, and delivers all of its records
// again. It does not read a good object of the same size again, because copies and
// re-encryption change ETags; [Stats].Rewritten counts such objects. An object with the same
// ETag and size is not read again either.
//
// A failure is retryable if another try may succeed: the network, throttling, a denial, a
// stall, a change. A cursor keeps up to 1,000 objects to retry, and up to 500 of a partition. A
// scan that goes on tries them first, up to [Options].MaxAttempts times if that is set. If more
// objects fail, they stay unfinished in their partition. The cursor's hour of that partition
// stays before them, so the next scan, or the next sweep of [Scan.Follow], lists the partition
// from there and tries them again, as often as they fail. What was delivered does not come
// again. When such a partition was listed to its end, the scan yields a [*PartitionError] with an
// [*UnkeptError], which says how many they are. Objects that are damaged, gone, archived, too large, or that the
// store can never give to this reader (errors.ErrUnsupported, such as one that is encrypted
// with its writer's own key) are finished, unless they come under another ETag.
// [ObjectError].Retryable reports which of the two holds. To come back to finished ones with
// [Client.Read], make a keep.DeadLetter of the error.
//
// A cursor belongs to the source, prefix, accounts, Regions, products and types of its query.
// Any other query refuses it. From, To and options may differ. A record at or after To is not
// finished: it waits for a scan with a later To. An object whose records all lie before From
// is finished: a later scan with an earlier From does not read it again.
//
// So a job that runs once a day moves To and keeps From:
//
//	qlogs.Query{Prefix: "prompt-logs", From: start, To: today, After: cursor}
//
// With {From: yesterday, To: today, After: cursor} the job would lose records: one that arrives
// after the run for its day lies before the next From. Without any From, a scan reads the
// partitions that the cursor does not know from their beginning.
//
// # Following
//
// [Scan.Follow] yields what Records yields and then what arrives, until the context is done.
// It lists the newest keys of each partition every [Options].PollInterval. All that is said
// here of records, errors and cursors holds for Follow too.
//
// If your bucket sends its events to SQS, SNS, EventBridge or Lambda, decode them with package
// event instead, and read the objects that they name with [Client.Read].
//
// # Privacy
//
// The logs hold what people typed and what stood in their editors, and so source code and
// secrets. This package shows none of it. No error, log value, metric or panic has a byte of a
// record's text, and an [Entry] that is printed or logged shows ids, times and sizes. Keys,
// account ids, user ids and file sizes do appear.
//
// An id is shown only if it looks like one, since a damaged log may have a text in its place.
// Otherwise the id's size is shown, or in an [Identity] its digest.
//
// What your program takes out of a record is your program's responsibility. So are encoders
// that write a record whole: encoding/json, encoding/gob, encoding/xml and others that walk
// through values; package record lists them. An entry is different only with encoding/json,
// which writes it as it is logged. A slog.JSONHandler calls encoding/json for slices, maps and
// structs: log a record or its entry by itself, not inside one of these. Package fmt shows
// what lies in an unexported field of another type without calling its methods.
//
// # Permissions
//
// A reader needs s3:ListBucket on the bucket, s3:GetObject on its objects and, if they are
// encrypted with a KMS key, kms:Decrypt on that key. Every listing's prefix begins with the
// query's prefix and a final "/", so a condition on s3:prefix may restrict the reader to it.
// The README has the policy.
//
// # HTTP client
//
// Package [github.com/promptlogs/qlogs/qlogs/source/open] makes an S3 client that is fit for a
// scan. If you make your own, mind this:
//
// The SDK's own HTTP client keeps 10 idle connections for each host. A scan uses more at the
// same time, so it would close and open connections all the time. Give the s3.Client an HTTP
// client that keeps [Options].InFlight connections, and [Options].Lists more:
//
//	httpClient := awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
//		t.MaxIdleConnsPerHost = 100
//	})
//	cfg, err := config.LoadDefaultConfig(ctx, config.WithHTTPClient(httpClient))
//
// An http.Client with a Timeout is not fit for a scan: it would end bodies that are read
// slowly because the loop is busy. [Options].StallTimeout counts only the time that a scan
// waits for the store.
package qlogs
